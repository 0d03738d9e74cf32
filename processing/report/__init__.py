"""The HTML report of an evaluation, one self-contained file, and the model card.

    inputs -> model_insights (learning curves, terms) \
                                                       > context -> sections -> page
    inputs -> predictions (the scored test set)        /         -> model_card

Text and tables are HTML (`markup`). Charts are SVG drawn by matplotlib (`svg`, `figures`). Colours
are variables of the style sheet (`style`), so that everything follows the reader's colour scheme.
"""
