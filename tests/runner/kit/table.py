"""Text tables for people."""


def render(headers, rows):
    """Returns a table as text: numbers to the right, words to the left.

    A column is one of numbers when every cell in it is an int or a float.
    Floats are shown with one digit after the point; format them yourself
    where that is too few.
    """
    numeric = [all(isinstance(row[i], (int, float)) for row in rows)
               for i in range(len(headers))]
    cells = [[_text(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(headers)] + cells)
              for i in range(len(headers))]
    lines = [list(headers), ["-" * width for width in widths]] + cells
    return "\n".join(_line(line, widths, numeric) for line in lines)


def _text(cell):
    return f"{cell:.1f}" if isinstance(cell, float) else str(cell)


def _line(cells, widths, numeric):
    padded = (cell.rjust(width) if right else cell.ljust(width)
              for cell, width, right in zip(cells, widths, numeric))
    return "  ".join(padded).rstrip()
