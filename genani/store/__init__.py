"""The model store: what there is, where to get it, and whether it is sound.

`models` is the door: `models.path(name, file)` for whoever loads weights, `models.Catalogue` for
whoever lists, fetches, imports or removes them. The rest of the room stands behind it: `entry`
(what a model is), `shelf` (where its files lie), `sources` (how they are had), and what those
need: `download`, `package_index`, `process`, `archive`, `digest`.
"""
