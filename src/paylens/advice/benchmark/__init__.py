"""What is the market: published cuts, official figures and the model's answer side by side."""
