// The kernel gives the first process of a container no signal that it has no handler for, so one that has not come to its own handlers yet, or is
// a command without any, would outlive every SIGTERM until it is killed. With this, no init beside us is needed: nothing here starts processes.
for (const [signal, status] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
]) {
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(status);
  });
}
