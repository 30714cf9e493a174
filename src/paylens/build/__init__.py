"""The program that reads people's rows: published files to a release."""

from paylens.build.people import HELD, SEED, is_held
from paylens.build.run import Built, build
from paylens.build.steps import Say, Steps, Task

__all__ = ["HELD", "SEED", "Built", "Say", "Steps", "Task", "build", "is_held"]
