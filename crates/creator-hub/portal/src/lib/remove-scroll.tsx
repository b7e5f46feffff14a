import { type ElementType, forwardRef, type ReactNode, useLayoutEffect } from "react";

let locks = 0;

/**
 * Stands in for the package react-remove-scroll, which Radix wraps around dialogs: it writes a
 * style element, and the content security policy allows none. Keeps the page behind from scrolling.
 */
export const RemoveScroll = forwardRef<HTMLElement, { as?: ElementType; children: ReactNode }>(
  function RemoveScroll({ as: As = "div", children }, ref) {
    useLayoutEffect(() => {
      const root = document.documentElement;
      locks += 1;
      if (locks === 1) {
        // The place of the scrollbar is kept, so that nothing behind moves.
        root.style.paddingRight = `${window.innerWidth - root.clientWidth}px`;
        root.style.overflow = "hidden";
      }
      return () => {
        locks -= 1;
        if (locks > 0) return;
        root.style.overflow = "";
        root.style.paddingRight = "";
      };
    }, []);
    return <As ref={ref}>{children}</As>;
  },
);
