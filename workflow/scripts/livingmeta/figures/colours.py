"""The colours of all figures by name, without what draws with them."""

# Blue and vermilion differ for every kind of colour vision and in grey. No two colours are
# alike, so that a page can exchange them one by one for its dark mode.
COLOURS = {
    "paper": "#ffffff",
    "ink": "#1a1e24",
    "grey": "#5a6370",
    "line": "#9aa2ad",
    "faint": "#e3e6ea",
    "wash": "#f3f5f7",
    "study": "#1f5a8c",
    "pooled": "#c04f15",
    "band1": "#dfe5ec",
    "band2": "#c9d3de",
    "band3": "#b1bfce",
    # Lights of risk of bias, from light to dark in grey too; each has a sign beside.
    "green": "#57b47c",
    "yellow": "#f4d35e",
    "red": "#c4412d",
    "maroon": "#6b1d33",
    "silver": "#c3cad3",
}
