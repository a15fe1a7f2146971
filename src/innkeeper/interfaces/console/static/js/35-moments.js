// How days and times will look, while language and zone are being chosen. Without this file a button shows it.
document.addEventListener('change', (event) => {
  const { form, name } = event.target, shown = form?.querySelector('[data-moment]');
  if (!shown || !['language', 'time_zone'].includes(name)) return;
  const { moment, language, zone } = shown.dataset, timeZone = form.elements.time_zone.value || zone;
  const format = new Intl.DateTimeFormat(form.elements.language.value || language, { dateStyle: 'medium', timeStyle: 'medium', timeZone });
  shown.textContent = `${format.format(new Date(moment))} (${timeZone})`;
});
