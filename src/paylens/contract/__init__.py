"""What a profile, a pay observation and an answer are: closed vocabularies and checked inputs."""
