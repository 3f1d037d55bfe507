import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeHtml, html } from '../../../../../build/report/page/html.ts';

const decoded: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };

function decode(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => decoded[entity] ?? '');
}

/** Plain characters, markup, controls, directions, half a surrogate pair. */
const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom('<', '>', '&', '"', "'", '\0', '\n', '\u202e', '\ud800', '\ufeff', 'é', '磁', '😀'),
    fc.string({ maxLength: 2 }),
  ),
});

describe('[B16] text in the page', () => {
  it('is never markup, and can be read as it was', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const escaped = escapeHtml(text);
        expect(escaped).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
        expect(escaped.isWellFormed()).toBe(true);
        expect(escaped).not.toMatch(/\p{Cc}/u);
        const shown = decode(escaped).replace(/\\u\{([0-9a-f]+)\}/g, (_, code: string) =>
          String.fromCodePoint(parseInt(code, 16)),
        );
        expect(shown).toBe(text);
      }),
    );
  });

  it('shows what would fool the reader', () => {
    expect(escapeHtml('gpj.\u202eexe')).toBe('gpj.\\u{202e}exe');
    expect(escapeHtml('a\u200bb\ud800')).toBe('a\\u{200b}b\\u{d800}');
  });

  it('is escaped wherever it is put in, HTML is not escaped twice', () => {
    const inner = html`<b>${'<x>'}</b>`;
    expect(html`<p title="${'"'}">${[inner, 'a&b', null, 7]}</p>`.text).toBe(
      '<p title="&quot;"><b>&lt;x&gt;</b>a&amp;b7</p>',
    );
  });
});
