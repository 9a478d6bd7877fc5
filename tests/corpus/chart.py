"""Draws shares with their intervals as an SVG that reads on light and dark pages."""

from __future__ import annotations

from collections.abc import Mapping

from tests.corpus.measure import Share

_ROW = 22
_LEFT = 170
_WIDTH = 420
_RIGHT = 130


def bars(title: str, shares: Mapping[str, Share]) -> str:
    """One bar a share from 0 to 100 %, a thin line for its interval, the count behind it."""
    height = 40 + _ROW * len(shares)
    rows = "\n".join(_row(number, name, share) for number, (name, share) in enumerate(shares.items()))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + _RIGHT} {height}" role="img" '
        f'aria-label="{title}" font-family="sans-serif" font-size="12" fill="#888">\n'
        f'<text x="8" y="20" font-size="14">{title}</text>\n{rows}\n</svg>\n'
    )


def _row(number: int, name: str, share: Share) -> str:
    top = 34 + _ROW * number
    middle = top + 7
    low, high = (_LEFT + _WIDTH * end for end in share.interval)
    return (
        f'<text x="{_LEFT - 8}" y="{top + 11}" text-anchor="end">{name}</text>'
        f'<rect x="{_LEFT}" y="{top}" width="{_WIDTH * share.value:.1f}" height="14" fill="#3b7dd8"/>'
        f'<line x1="{low:.1f}" y1="{middle}" x2="{high:.1f}" y2="{middle}" stroke="#d88a3b" stroke-width="2"/>'
        f'<text x="{_LEFT + _WIDTH + 8}" y="{top + 11}">{share.value:.1%} of {share.of}</text>'
    )
