export function BrandMark() {
  return (
    <svg width="28" height="28" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--mantine-color-blue-6)" />
      <g
        fill="none"
        stroke="#ffffff"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      >
        <path d="M23 14.2A7.4 7.4 0 0 0 9.4 12" />
        <path d="M9 17.8A7.4 7.4 0 0 0 22.6 20" />
        <path d="M9 7.8V12h4.2" />
        <path d="M23 24.2V20h-4.2" />
      </g>
    </svg>
  );
}
