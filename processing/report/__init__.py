"""The evaluation's report for people: one HTML file that needs nothing else.

    inputs -> learned (what the model learned) \
                                                > sections -> page
    inputs -> observed (the scored test set)   /

Text and numbers are HTML (`markup`), pictures are SVG by matplotlib (`drawing`, `figures`), and
colours are variables of the page's style sheet (`style`), so that both follow the reader's theme.
"""
