import { type AnchorHTMLAttributes, type ButtonHTMLAttributes, forwardRef } from "react";
import { cx } from "@/lib/cx";

type Variant = "primary" | "plain" | "quiet" | "danger";

const LOOK: Record<Variant, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-strong font-medium",
  plain: "bg-raised text-ink border border-edge/70 hover:bg-hover",
  quiet: "text-ink-2 hover:bg-hover hover:text-ink",
  danger: "bg-bad text-on-bad hover:brightness-110 font-medium",
};

/** The classes of a button, for links that must look like one. */
export function buttonClass(variant: Variant = "plain", small = false): string {
  return cx(
    "inline-flex shrink-0 items-center justify-center gap-2 rounded-md whitespace-nowrap transition-colors duration-150",
    "disabled:cursor-not-allowed disabled:opacity-55 pointer-coarse:min-h-11",
    small ? "h-8 px-2.5 text-sm" : "h-9 px-3.5 text-sm",
    LOOK[variant],
  );
}

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  variant?: Variant;
  small?: boolean;
  /** Shown instead of the label while the act runs; says what is being waited for. */
  busy?: string | false;
}

export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button(
  { variant = "plain", small, busy = false, className, children, disabled, type = "button", ...rest },
  ref,
) {
  return (
    <button
      ref={ref}
      type={type}
      className={cx(buttonClass(variant, small), className)}
      disabled={disabled || Boolean(busy)}
      {...rest}
    >
      {busy || children}
    </button>
  );
});

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** The accessible name, also shown as a tooltip by the browser. */
  label: string;
}

export const IconButton = forwardRef<HTMLButtonElement, IconButtonProps>(function IconButton(
  { label, className, children, ...rest },
  ref,
) {
  return (
    <button
      ref={ref}
      type="button"
      aria-label={label}
      title={label}
      className={cx(
        "inline-flex size-8 shrink-0 items-center justify-center rounded-md text-ink-2 transition-colors duration-150",
        "hover:bg-hover hover:text-ink disabled:opacity-50 pointer-coarse:size-11",
        className,
      )}
      {...rest}
    >
      {children}
    </button>
  );
});

/** A link to another origin or a file; opens beside the portal. */
export function OutLink({ className, children, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement>) {
  return (
    <a
      target="_blank"
      rel="noreferrer noopener"
      className={cx("text-accent underline underline-offset-2", className)}
      {...rest}
    >
      {children}
    </a>
  );
}
