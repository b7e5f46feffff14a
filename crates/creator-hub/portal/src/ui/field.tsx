import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from "react";
import { cx } from "@/lib/cx";

const CONTROL =
  "w-full rounded-md border border-edge bg-raised px-3 text-sm text-ink placeholder:text-ink-3 transition-colors duration-150 " +
  "hover:border-ink-3 focus-visible:outline-offset-0 disabled:bg-sunken disabled:text-ink-2 aria-invalid:border-bad pointer-coarse:text-base";

interface Wiring {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

interface FieldProps {
  label: ReactNode;
  /** What to enter and what it leads to. */
  hint?: ReactNode;
  /** The server's (or the form's) message about this very field. */
  error?: string | undefined;
  optional?: boolean;
  hideLabel?: boolean;
  children: (wiring: Wiring) => ReactNode;
}

/** A label, a control, its hint and its error, wired together for assistive technology. */
export function Field({ label, hint, error, optional, hideLabel, children }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className={cx("text-sm font-medium", hideLabel && "sr-only")}>
        {label}
        {optional && <span className="ml-1.5 font-normal text-ink-3">optional</span>}
      </label>
      {children({ id, "aria-describedby": described, "aria-invalid": error ? true : undefined })}
      {error && (
        <p id={`${id}-error`} className="text-sm text-bad">
          {error}
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-ink-3">
          {hint}
        </p>
      )}
    </div>
  );
}

type Rest<T> = Omit<T, "id" | "children"> & Omit<FieldProps, "children">;

function split<T extends Omit<FieldProps, "children">>({
  label,
  hint,
  error,
  optional,
  hideLabel,
  ...rest
}: T) {
  return { field: { label, hint, error, optional, hideLabel }, rest };
}

export function TextField(props: Rest<InputHTMLAttributes<HTMLInputElement>>) {
  const { field, rest } = split(props);
  return (
    <Field {...field}>
      {(wiring) => (
        <input {...rest} {...wiring} className={cx(CONTROL, "h-9 pointer-coarse:h-11", rest.className)} />
      )}
    </Field>
  );
}

export function TextArea(props: Rest<TextareaHTMLAttributes<HTMLTextAreaElement>>) {
  const { field, rest } = split(props);
  return (
    <Field {...field}>
      {(wiring) => (
        <textarea
          rows={4}
          {...rest}
          {...wiring}
          className={cx(CONTROL, "field-sizing-content min-h-20 py-2", rest.className)}
        />
      )}
    </Field>
  );
}

/** The platform's own select: it is keyboard- and touch-proof and needs no script. */
export function SelectField({
  options,
  ...props
}: Rest<SelectHTMLAttributes<HTMLSelectElement>> & {
  options: readonly (readonly [value: string, label: string])[];
}) {
  const { field, rest } = split(props);
  return (
    <Field {...field}>
      {(wiring) => (
        <select {...rest} {...wiring} className={cx(CONTROL, "h-9 pr-8 pointer-coarse:h-11", rest.className)}>
          {options.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** Messages about the whole form, above its buttons. */
export function FormErrors({ messages }: { messages: readonly string[] }) {
  if (!messages.length) return null;
  return (
    <div role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-sm text-bad">
      {messages.map((message) => (
        <p key={message}>{message}</p>
      ))}
    </div>
  );
}
