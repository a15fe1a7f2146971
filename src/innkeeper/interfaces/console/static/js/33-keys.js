// Keys for people who keep their hands on the keyboard; listed under "?".
const isTyping = (event) => event.target.closest('input:not([type=checkbox]), textarea, select, [contenteditable]');
const isSearchKey = (event) => (event.key === '/' && !isTyping(event)) || (event.key === 'k' && (event.ctrlKey || event.metaKey));

function step(by) {
  const rows = [...document.querySelectorAll('tbody tr[data-id]')], now = rows.findIndex((row) => row.classList.contains('cursor'));
  const row = rows[Math.max(0, Math.min(rows.length - 1, now + by))];
  rows.forEach((each) => each.classList.toggle('cursor', each === row));
  row?.querySelector('.open')?.focus();
  row?.scrollIntoView({ block: 'nearest' });
}

document.addEventListener('keydown', (event) => {
  const box = document.querySelector('#find-q');
  if (event.defaultPrevented || event.altKey || !box) return;
  if (isSearchKey(event)) {
    event.preventDefault();
    box.focus();
    box.select();
  } else if (!isTyping(event) && !event.ctrlKey && !event.metaKey && !document.querySelector('dialog[open]')) {
    if (event.key === 'j') step(1);
    if (event.key === 'k') step(-1);
    if (event.key === '?') document.querySelector('#keys').showModal();
  }
});
