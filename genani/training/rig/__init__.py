"""Drawn faces with known truth: a character, an expression and a pose become a picture.

Rooms, each using only those before it: curves, paint, pens (marks on a canvas); expression, head,
identity, cast (who, and what the face does); view, sitting (the turn and the canvas); lids,
eyes, brows, lips, mouth, nose, skin, cheeks, strands, curls, hair, outfit (one part each);
drawing (a whole head); shots (many frames); samples (the keys shipped in `resources/samples`).
Beside them `puppet`: any number of simpler people, fast, with flow, for training and `genani rig`.
"""
