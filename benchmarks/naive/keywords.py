"""The naive app's words. A loop over them looks for each in every text."""

CRISIS = """
    kill myself|killing myself|end my life|ending my life|want to die|wanna die|suicide|suicidal|kms|better off dead
    no reason to live|dont want to live|don't want to live|cant go on|can't go on|end it all|ending it|self harm
    cut myself|cutting myself|hurt myself|overdose|overdosed|took too many pills|took all my pills|hit me|hits me
    beat me|beats me|rape|raped|gun to|going to jump|goodbye forever|not worth living|quiero morir|quiero matarme
    matarme|suicidio|me quiero morir|no quiero vivir|me corte|me pega|sobredosis
"""
CRISIS = [phrase.strip() for line in CRISIS.strip().splitlines() for phrase in line.split("|")]

_TOPICS = "anxiety depression pain opioids alcohol vaping grief sleep selfharm stress panic anger eating bullying"
REPLIES = [
    ("menu", "{{ name }}: text a topic, such as ANXIETY or PAIN. Call or text 988 at any time."),
    *((topic, f"{{{{ name }}}}: about {topic}. Text MORE for more. 988 is there.") for topic in _TOPICS.split()),
    ("more", "{{ name }}: text MENU for topics."),
    ("help", "{{ name }}: text MENU for topics, STOP to end."),
]
