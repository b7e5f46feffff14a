const PATHS = {
  close: "M6 6l12 12M18 6L6 18",
  menu: "M5 7h14M5 12h14M5 17h14",
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M7 7h10v10H7z",
  attach:
    "M19 11.5l-7.3 7.3a4.6 4.6 0 0 1-6.5-6.5l7.9-7.9a3.1 3.1 0 0 1 4.4 4.4l-7.9 7.9a1.5 1.5 0 0 1-2.2-2.2l7.3-7.2",
  sheet: "M7 3.500h7l4 4V20.500H7zM14 3.500v4h4M10 12.500h5M10 16h5",
  picture: "M4.500 5.500h15v13h-15zM5 16l4.500-4.500 3.500 3.500 2.500-2 4 4M15.200 9.300h.1",
  sound: "M4.500 10v4M8.200 7.500v9M12 4.500v15M15.800 8v8M19.500 10.500v3",
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
