/** What the reader chooses from. */
import { element } from './element.js';

/** A labelled list; `choose` gets what is chosen. */
export function choice(
  {
    id,
    label,
    options,
  }: { readonly id: string; readonly label: string; readonly options: readonly string[] },
  choose: (option: string) => void,
): HTMLElement {
  const select = element('select', { id }, ...options.map((option) => element('option', {}, option)));
  select.addEventListener('change', () => choose(options[select.selectedIndex]!));
  return element('span', { class: 'choice' }, element('label', { for: id }, label), ' ', select);
}

/** A labelled box to tick. */
export function tick(label: string, isOn: boolean, choose: (isOn: boolean) => void): HTMLElement {
  const box = element('input', { type: 'checkbox' });
  box.checked = isOn;
  box.addEventListener('change', () => choose(box.checked));
  return element('label', { class: 'choice' }, box, ' ', label);
}
