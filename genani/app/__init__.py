"""What the window is made of below its widgets: QtCore and QtGui, no QtWidgets."""
