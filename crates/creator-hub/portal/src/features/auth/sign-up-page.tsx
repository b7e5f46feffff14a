import { Link, useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useSignUp } from "@/api/account";
import { asFailure, messageFor } from "@/api/problem";
import { after } from "@/lib/after";
import { readerZone } from "@/lib/time";
import { Button } from "@/ui/button";
import { FormErrors, TextField } from "@/ui/field";
import { formMessages } from "@/ui/form-error";
import { AuthFrame } from "./auth-frame";

const SHORTEST_PASSWORD = 12;

export function SignUpPage() {
  const [form, setForm] = useState({ name: "", creator_name: "", email: "", password: "" });
  const signUp = useSignUp();
  const router = useRouter();
  const error = signUp.error;
  const taken = error && asFailure(error).code === "email_taken";
  const field = (name: keyof typeof form) => ({
    value: form[name],
    required: true,
    error: messageFor(error, `/${name}`),
    onChange: (event: { target: { value: string } }) => setForm({ ...form, [name]: event.target.value }),
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    after(signUp.mutateAsync({ ...form, time_zone: readerZone() }), () => void router.navigate({ to: "/" }));
  }
  return (
    <AuthFrame
      title="Sign up"
      lead="Put what you know in one place, and let your clients ask it."
      after={
        <>
          Already have an account?{" "}
          <Link to="/login" className="text-accent underline underline-offset-2">
            Log in
          </Link>
        </>
      }
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField label="Your name" autoComplete="name" {...field("name")} />
        <TextField
          label="Name of your practice"
          hint="Your clients see this name. It can be your own."
          autoComplete="organization"
          {...field("creator_name")}
        />
        <TextField
          label="Email"
          type="email"
          autoComplete="username"
          {...field("email")}
          error={
            taken
              ? "There is an account with this email already. Log in instead."
              : messageFor(error, "/email")
          }
        />
        <TextField
          label="Password"
          type="password"
          autoComplete="new-password"
          minLength={SHORTEST_PASSWORD}
          hint={`At least ${SHORTEST_PASSWORD} characters. A few words you remember are better than signs.`}
          {...field("password")}
        />
        <FormErrors
          messages={taken ? [] : formMessages(error, ["/name", "/creator_name", "/email", "/password"])}
        />
        <Button type="submit" variant="primary" busy={signUp.isPending && "Making your account"}>
          Make my account
        </Button>
      </form>
    </AuthFrame>
  );
}
