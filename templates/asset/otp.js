// Where the browser can read the text with the code, it is filled in; to send it stays with its reader.

const field = document.querySelector("#code");

if (field && "OTPCredential" in window) {
  const stop = new AbortController();
  field.form.addEventListener("submit", () => stop.abort());
  navigator.credentials.get({ otp: { transport: ["sms"] }, signal: stop.signal }).then(
    (read) => {
      if (read && !field.value) field.value = read.code;
    },
    () => {},
  );
}
