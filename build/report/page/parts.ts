import { formatBytes } from '../../../common/format.ts';
import type { Known } from '../facts.ts';
import { Html, html, type Part } from './html.ts';

export interface Column {
  title: string;
  /** Of the table's width, per cent: the tables of a page stand in line. */
  width: number;
  /** Right-aligned figures. */
  figures?: boolean;
}

/** A table that becomes a list of cards on a phone: each cell knows its column's title. */
export function table(columns: readonly Column[], rows: readonly (readonly Part[])[]): Html {
  const kind = (column: Column | undefined): string => (column?.figures ? 'figures' : 'words');
  const head = columns.map((column) => html`<th class="${kind(column)}">${column.title}</th>`);
  const body = rows.map((cells) => {
    const filled = cells.map((cell, index) => {
      const empty = isEmpty(cell) ? ' empty' : '';
      return html`<td class="${kind(columns[index])}${empty}" data-label="${columns[index]?.title ?? ''}"><div>${cell}</div></td>`;
    });
    return html`<tr>${filled}</tr>\n`;
  });
  const widths = columns.map(({ width }) => html`<col style="width:${width}%"/>`);
  return html`<table><colgroup>${widths}</colgroup><thead><tr>${head}</tr></thead>\n<tbody>${body}</tbody></table>`;
}

function isEmpty(part: Part): boolean {
  if (part === null || typeof part === 'number') return part === null;
  if (part instanceof Html) return part.text === '';
  return typeof part === 'string' ? part === '' : part.every(isEmpty);
}

/** Names and values; those without a value are left out. */
export function list(entries: readonly (readonly [name: string, value: Part])[]): Html {
  const shown = entries.filter(([, value]) => !isEmpty(value));
  return html`<dl>${shown.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** What a source said, or the reason why it is not here. */
export function whenKnown<T>(fact: Known<T>, what: string, show: (value: T) => Html): Html {
  if (fact.known) return show(fact.value);
  return html`<p class="missing">${what}: not known; ${fact.why.trim().replace(/\.$/, '')}.</p>`;
}

export function section(id: string, title: string, ...content: Part[]): Html {
  return html`<section id="${id}"><h2>${title}</h2>\n${content}</section>\n`;
}

/** 'used' as a figure and a small bar. */
export function usage(usedBytes: number | null, sizeBytes: number): Html | null {
  if (usedBytes === null || sizeBytes <= 0) return null;
  const share = Math.min(100, (usedBytes / sizeBytes) * 100);
  const figure = share > 0 && share < 1 ? '<1%' : `${Math.round(share)}%`;
  return html`${formatBytes(usedBytes)} <span class="quiet">${figure}</span><svg class="meter" width="96" height="5" aria-hidden="true"><rect width="100%" height="5" fill="#e3e8ed"/><rect width="${share.toFixed(1)}%" height="5" fill="#7f8b98"/></svg>`;
}

/** '25 November 2026, 17:51 UTC' */
export function dateWords(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const day = date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
  return `${day}, ${date.toISOString().slice(11, 16)} UTC`;
}
