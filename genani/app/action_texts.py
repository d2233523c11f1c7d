"""What actions are called and what they do, in words; one entry an action."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP as NOOP

TEXTS: dict[str, tuple[object, object]] = {
    "new": (NOOP("Actions", "New"), NOOP("Actions", "Start an empty scene")),
    "open": (NOOP("Actions", "Open…"), NOOP("Actions", "Open a scene")),
    "save": (
        NOOP("Actions", "Save"),
        NOOP("Actions", "Save scene, drawings and takes in one file"),
    ),
    "save-as": (NOOP("Actions", "Save as…"), NOOP("Actions", "Save under another name")),
    "import": (
        NOOP("Actions", "Import pictures…"),
        NOOP("Actions", "Put pictures, a sequence or a clip on the timeline"),
    ),
    "export": (
        NOOP("Actions", "Export…"),
        NOOP("Actions", "Write frames as pictures, GIF or video"),
    ),
    "export-again": (
        NOOP("Actions", "Repeat last export"),
        NOOP("Actions", "Export once more to the same place in the same way"),
    ),
    "stylise": (
        NOOP("Actions", "Stylise…"),
        NOOP("Actions", "Redraw this drawing, the span or the layer in another style"),
    ),
    "animate": (
        NOOP("Actions", "Animate this drawing…"),
        NOOP("Actions", "Make the drawing walk, run, jump, blink or talk, and play it in a loop"),
    ),
    "seeds": (
        NOOP("Actions", "Faces from seeds…"),
        NOOP("Actions", "Draw new faces, mix two of them, change features and age"),
    ),
    "train": (
        NOOP("Actions", "Train on my clips…"),
        NOOP("Actions", "Let an engine learn from your own films, on this computer"),
    ),
    "quit": (NOOP("Actions", "Quit"), NOOP("Actions", "Close GenAni")),
    "undo": (NOOP("Actions", "Undo"), NOOP("Actions", "Take back the last step")),
    "redo": (NOOP("Actions", "Redo"), NOOP("Actions", "Make the step again")),
    "cut": (NOOP("Actions", "Cut"), NOOP("Actions", "Take the selected drawings to the clipboard")),
    "copy": (NOOP("Actions", "Copy"), NOOP("Actions", "Copy the selected drawings")),
    "paste": (
        NOOP("Actions", "Paste"),
        NOOP("Actions", "Paste drawings, or a picture, at the playhead"),
    ),
    "select-all": (
        NOOP("Actions", "Select all"),
        NOOP("Actions", "Select every drawing of the active layer"),
    ),
    "select-none": (NOOP("Actions", "Select nothing"), NOOP("Actions", "Clear the selection")),
    "add-key": (
        NOOP("Actions", "Add key…"),
        NOOP("Actions", "Put a picture on the timeline as a key"),
    ),
    "delete": (
        NOOP("Actions", "Delete"),
        NOOP(
            "Actions", "Take the selected drawings off the timeline; what shows before them is held"
        ),
    ),
    "delete-ripple": (
        NOOP("Actions", "Delete and close up"),
        NOOP("Actions", "Take the selected drawings off and pull the rest to the left"),
    ),
    "insert": (
        NOOP("Actions", "Insert frame"),
        NOOP("Actions", "Push everything from the playhead on one frame to the right"),
    ),
    "duplicate": (
        NOOP("Actions", "Duplicate drawing"),
        NOOP("Actions", "Put a copy of the drawing that shows on the playhead"),
    ),
    "blank": (
        NOOP("Actions", "Blank drawing"),
        NOOP("Actions", "Show nothing from the playhead on"),
    ),
    "exposure-more": (
        NOOP("Actions", "Hold longer"),
        NOOP("Actions", "Expose the drawing one frame longer; later drawings move along"),
    ),
    "exposure-less": (
        NOOP("Actions", "Hold shorter"),
        NOOP("Actions", "Expose the drawing one frame less"),
    ),
    "mark-key": (
        NOOP("Actions", "Mark as key"),
        NOOP("Actions", "Make the selected drawings keys: a tool never alters them"),
    ),
    "mark-breakdown": (
        NOOP("Actions", "Mark as breakdown"),
        NOOP(
            "Actions", "Make the selected drawings breakdowns: passing positions that split a span"
        ),
    ),
    "mark-inbetween": (
        NOOP("Actions", "Mark as in-between"),
        NOOP("Actions", "Make the selected drawings in-betweens"),
    ),
    "add-layer": (
        NOOP("Actions", "Add layer"),
        NOOP("Actions", "Put a new layer in front of the active one"),
    ),
    "delete-layer": (
        NOOP("Actions", "Delete layer"),
        NOOP("Actions", "Take the active layer and all on it away"),
    ),
    "layer-up": (
        NOOP("Actions", "Layer to the front"),
        NOOP("Actions", "Move the active layer one towards the front"),
    ),
    "layer-down": (
        NOOP("Actions", "Layer to the back"),
        NOOP("Actions", "Move the active layer one towards the back"),
    ),
    "play": (NOOP("Actions", "Play"), NOOP("Actions", "Play, or stop")),
    "loop": (NOOP("Actions", "Loop"), NOOP("Actions", "Play again and again")),
    "ping-pong": (NOOP("Actions", "Ping-pong"), NOOP("Actions", "Play to and fro")),
    "next-frame": (NOOP("Actions", "Next frame"), NOOP("Actions", "Go one frame on")),
    "previous-frame": (NOOP("Actions", "Previous frame"), NOOP("Actions", "Go one frame back")),
    "next-drawing": (
        NOOP("Actions", "Next drawing"),
        NOOP("Actions", "Go to the next drawing of the layer"),
    ),
    "previous-drawing": (
        NOOP("Actions", "Previous drawing"),
        NOOP("Actions", "Go to the drawing before"),
    ),
    "next-key": (NOOP("Actions", "Next key"), NOOP("Actions", "Go to the next key or breakdown")),
    "previous-key": (
        NOOP("Actions", "Previous key"),
        NOOP("Actions", "Go to the key or breakdown before"),
    ),
    "first-frame": (
        NOOP("Actions", "First frame"),
        NOOP("Actions", "Go to the start of the range"),
    ),
    "last-frame": (NOOP("Actions", "Last frame"), NOOP("Actions", "Go to the end of the range")),
    "flip": (
        NOOP("Actions", "Flip keys"),
        NOOP("Actions", "Hop between the two keys around the playhead"),
    ),
    "marker": (
        NOOP("Actions", "Marker"),
        NOOP("Actions", "Put a marker on the playhead, or take it away"),
    ),
    "range-in": (
        NOOP("Actions", "In point"),
        NOOP("Actions", "Play and export from the playhead on"),
    ),
    "range-out": (
        NOOP("Actions", "Out point"),
        NOOP("Actions", "Play and export up to the playhead"),
    ),
    "range-selection": (
        NOOP("Actions", "Range from selection"),
        NOOP("Actions", "Play and export what is selected"),
    ),
    "range-clear": (NOOP("Actions", "Whole scene"), NOOP("Actions", "Lift in and out point")),
    "add-span": (
        NOOP("Actions", "In-between here"),
        NOOP("Actions", "Join the two keys around the playhead by a span"),
    ),
    "remove-span": (
        NOOP("Actions", "Remove span"),
        NOOP("Actions", "Let the first key hold until the second"),
    ),
    "chart": (
        NOOP("Actions", "Timing chart"),
        NOOP("Actions", "Show the timing chart of the span"),
    ),
    "generate": (NOOP("Actions", "Generate"), NOOP("Actions", "Draw what is missing of the span")),
    "new-seed": (
        NOOP("Actions", "New seed"),
        NOOP("Actions", "Draw the span anew with another seed"),
    ),
    "generate-all": (
        NOOP("Actions", "Generate all stale"),
        NOOP("Actions", "Draw whatever is missing or out of date"),
    ),
    "regenerate-one": (
        NOOP("Actions", "Regenerate this one"),
        NOOP("Actions", "Draw the in-between on the playhead again"),
    ),
    "cancel": (NOOP("Actions", "Cancel drawing"), NOOP("Actions", "Stop what is being drawn")),
    "cancel-queued": (
        NOOP("Actions", "Cancel what waits"),
        NOOP("Actions", "Empty the queue; what is being drawn goes on"),
    ),
    "cancel-all": (
        NOOP("Actions", "Cancel all"),
        NOOP("Actions", "Stop what is being drawn and empty the queue"),
    ),
    "previous-variant": (
        NOOP("Actions", "Previous variant"),
        NOOP("Actions", "Show the take before"),
    ),
    "next-variant": (NOOP("Actions", "Next variant"), NOOP("Actions", "Show the next take")),
    "keep": (
        NOOP("Actions", "Keep"),
        NOOP("Actions", "Accept the take: its drawings become in-betweens of the layer"),
    ),
    "reject": (NOOP("Actions", "Reject"), NOOP("Actions", "Throw the take out")),
    "pin": (NOOP("Actions", "Pin take"), NOOP("Actions", "Never clear this take away")),
    "breakdown": (
        NOOP("Actions", "Make breakdown"),
        NOOP("Actions", "Keep the drawing that shows and split the span there"),
    ),
    "face-panel": (
        NOOP("Actions", "Face panel"),
        NOOP("Actions", "How the face feels between the keys of the span"),
    ),
    "lanes": (
        NOOP("Actions", "Acting lanes"),
        NOOP("Actions", "Show mouth shapes, blinks and looks under the active layer"),
    ),
    "blink": (
        NOOP("Actions", "Insert blink"),
        NOOP("Actions", "Let the face blink at the playhead"),
    ),
    "look": (
        NOOP("Actions", "Insert look"),
        NOOP("Actions", "Let the eyes look aside at the playhead"),
    ),
    "import-mouths": (
        NOOP("Actions", "Import mouth shapes…"),
        NOOP("Actions", "Put mouth shapes from a lip-sync file or a voice on the active layer"),
    ),
    "hold-mouths": (
        NOOP("Actions", "Hold short mouth shapes"),
        NOOP("Actions", "Let no mouth shape of the layer pass too quickly to be seen"),
    ),
    "draw-hold": (
        NOOP("Actions", "Draw this hold"),
        NOOP("Actions", "Join a held key with a copy of itself, so that the face can act on it"),
    ),
    "mouth-names": (
        NOOP("Actions", "Preston Blair names"),
        NOOP("Actions", "Call mouth shapes MBP, etc, E, AI, O, U, FV, L and rest"),
    ),
    "edit-outside": (
        NOOP("Actions", "Correct in editor"),
        NOOP(
            "Actions", "Open the drawing in your own program; it is taken over when you save there"
        ),
    ),
    "compare": (
        NOOP("Actions", "Compare"),
        NOOP("Actions", "Wipe between two takes, or a key and an in-between"),
    ),
    "landmarks": (
        NOOP("Actions", "Landmarks"),
        NOOP("Actions", "Show the face's points and lines on every frame"),
    ),
    "face-mesh": (
        NOOP("Actions", "Face mesh"),
        NOOP("Actions", "Show the whole mesh of the face"),
    ),
    "face-ghost": (
        NOOP("Actions", "Ghost of the other key"),
        NOOP("Actions", "Show the face of the other key faintly behind this one"),
    ),
    "face-pins": (
        NOOP("Actions", "Face pins"),
        NOOP("Actions", "Place the face on a drawing by hand, or correct it by its pins"),
    ),
    "face-find": (
        NOOP("Actions", "Find face"),
        NOOP("Actions", "Find the face on the drawing at the playhead, or on both keys around it"),
    ),
    "face-find-all": (
        NOOP("Actions", "Find faces on all keys"),
        NOOP("Actions", "Find the faces on all keys of the layer; those placed by hand stay"),
    ),
    "face-next": (
        NOOP("Actions", "Next face"),
        NOOP("Actions", "Take another one of several faces on the drawing"),
    ),
    "face-copy": (
        NOOP("Actions", "Face from the other key"),
        NOOP("Actions", "Copy the face of the neighbouring key to this drawing"),
    ),
    "face-actor": (
        NOOP("Actions", "Expression from a picture…"),
        NOOP("Actions", "Let the face between two keys do what an actor does in a photo"),
    ),
    "face-mirror": (
        NOOP("Actions", "Mirror face"),
        NOOP("Actions", "Turn the points of the face around from left to right"),
    ),
    "face-fit": (
        NOOP("Actions", "Smooth face through pins"),
        NOOP("Actions", "Lay the mesh smoothly through the pins as they are"),
    ),
    "face-clear": (
        NOOP("Actions", "Remove face"),
        NOOP("Actions", "Take the face off the drawing, or lift what was placed between keys"),
    ),
    "face-symmetric": (
        NOOP("Actions", "Both sides alike"),
        NOOP("Actions", "What is done to a pin is done to its twin on the other side"),
    ),
    "face-auto": (
        NOOP("Actions", "Look for faces on new keys"),
        NOOP("Actions", "A face that is plain to see is marked by itself, behind the window"),
    ),
    "attach": (
        NOOP("Actions", "Attach a drawing…"),
        NOOP("Actions", "Pin glasses, a hat or an ear ring to the face: it follows every frame"),
    ),
    "attach-place": (
        NOOP("Actions", "Place the attachment"),
        NOOP("Actions", "Move, scale and turn what is attached, and say what it lies in front of"),
    ),
    "attach-cover": (
        NOOP("Actions", "Part of the drawing in front…"),
        NOOP(
            "Actions",
            "Let a part such as the fringe hide what is attached; on another key, numbered "
            "pictures of one name (fringe1, fringe9) are its shapes",
        ),
    ),
    "attach-off": (
        NOOP("Actions", "Take the attachment off"),
        NOOP("Actions", "Take what is attached away"),
    ),
    "onion": (
        NOOP("Actions", "Onion skin"),
        NOOP("Actions", "Let the neighbouring drawings show through"),
    ),
    "zoom-in": (NOOP("Actions", "Zoom in"), NOOP("Actions", "Look closer")),
    "zoom-out": (NOOP("Actions", "Zoom out"), NOOP("Actions", "Look from further away")),
    "fit": (NOOP("Actions", "Fit"), NOOP("Actions", "Show the whole canvas")),
    "actual-size": (
        NOOP("Actions", "100 %"),
        NOOP("Actions", "One pixel of the drawing is one of the screen"),
    ),
    "checkerboard": (NOOP("Actions", "Checkerboard"), NOOP("Actions", "Show what is transparent")),
    "theme-dark": (NOOP("Actions", "Dark"), NOOP("Actions", "Dark window")),
    "theme-light": (NOOP("Actions", "Light"), NOOP("Actions", "Light window")),
    "theme-system": (
        NOOP("Actions", "As the system"),
        NOOP("Actions", "Follow the desktop's colours"),
    ),
    "reset-layout": (
        NOOP("Actions", "Reset layout"),
        NOOP("Actions", "Put every panel back in its place"),
    ),
    "about": (NOOP("Actions", "About GenAni"), NOOP("Actions", "Version and licences")),
}
"""By id: the text of the menu, and one sentence for tool tip and status bar, untranslated."""
