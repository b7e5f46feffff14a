const PATHS = {
  close: "M6 6l12 12M18 6L6 18",
  menu: "M5 7h14M5 12h14M5 17h14",
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M7 7h10v10H7z",
  down: "M12 5v14M6 13l6 6 6-6",
  praise:
    "M8 10.5V19H5v-8.5zM8 11l3.6-6.4c1.5 0 2.4 1 2.1 2.5L13.2 10H18a1.6 1.6 0 0 1 1.6 2l-1.5 5.6a2 2 0 0 1-1.9 1.4H8",
  blame:
    "M8 13.5V5H5v8.5zM8 13l3.6 6.4c1.5 0 2.4-1 2.100-2.5L13.2 14H18a1.6 1.6 0 0 0 1.6-2l-1.5-5.6A2 2 0 0 0 16.2 5H8",
  link: "M14 5h5v5M19 5l-8 8M10 6H5v13h13v-5",
} as const;

/** A drawn sign; its button carries the name. */
export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
