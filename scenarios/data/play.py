# Writes play/train/all.json and play/test/all.json in LEAF's format, which play.yaml learns: three roles, each of whom says one line
# again and again (Shakespeare: Romeo and Juliet, Macbeth, Hamlet). A sample is 8 characters, its label is the next one.
import json
import os

LINES = {
    "JULIET": "O Romeo, Romeo! ",
    "MACBETH": "To-morrow, and to-morrow, ",
    "HAMLET": "To be, or not to be: ",
}


def pieces(line, first, count):
    text = line * 20
    return [(text[k : k + 8], text[k + 8]) for k in range(first, first + count)]


for part, first, count in [("train", 0, 30), ("test", 40, 10)]:
    samples = {role: pieces(line, first, count) for role, line in LINES.items()}
    data = {
        "users": list(samples),
        "num_samples": [len(own) for own in samples.values()],
        "user_data": {
            role: {"x": [x for x, _ in own], "y": [y for _, y in own]} for role, own in samples.items()
        },
    }
    os.makedirs(f"play/{part}", exist_ok=True)
    with open(f"play/{part}/all.json", "w") as file:
        json.dump(data, file)
