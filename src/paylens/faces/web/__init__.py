"""The page: questions as forms, answers in words, drawn, and with what they rest on."""
