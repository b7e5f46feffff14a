import { Link, useRouter, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useLogIn } from "@/api/account";
import { asFailure, messageFor } from "@/api/problem";
import { after } from "@/lib/after";
import { Button } from "@/ui/button";
import { FormErrors, TextField } from "@/ui/field";
import { formMessages } from "@/ui/form-error";
import { AuthFrame } from "./auth-frame";
import { safeReturn } from "./safe-return";

export function LogInPage() {
  const { back, ended } = useSearch({ from: "/login" });
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const logIn = useLogIn();
  const router = useRouter();
  function submit(event: FormEvent) {
    event.preventDefault();
    after(logIn.mutateAsync({ email, password }), () => router.history.push(safeReturn(back)));
  }
  return (
    <AuthFrame
      title="Log in"
      lead={ended ? "Your session ended. Log in and you are back where you were." : "To your coach's study."}
      after={
        <>
          New here?{" "}
          <Link to="/sign-up" className="text-accent underline underline-offset-2">
            Sign up
          </Link>
        </>
      }
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField
          label="Email"
          type="email"
          autoComplete="username"
          required
          value={email}
          error={messageFor(logIn.error, "/email")}
          onChange={(event) => setEmail(event.target.value)}
        />
        <TextField
          label="Password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          error={messageFor(logIn.error, "/password")}
          onChange={(event) => setPassword(event.target.value)}
        />
        <FormErrors messages={logInMessages(logIn.error)} />
        <Button type="submit" variant="primary" busy={logIn.isPending && "Logging in"}>
          Log in
        </Button>
      </form>
    </AuthFrame>
  );
}

function logInMessages(error: unknown): string[] {
  if (!error) return [];
  const failure = asFailure(error);
  if (failure.code === "invalid_credentials")
    return ["That email and password don't belong together. Check both and try again."];
  if (failure.status === 429) {
    const wait = failure.retryAfter ?? 60;
    return [
      `Too many attempts. Wait ${wait < 90 ? `${wait} seconds` : `${Math.ceil(wait / 60)} minutes`} and try again.`,
    ];
  }
  return formMessages(error, ["/email", "/password"]);
}
