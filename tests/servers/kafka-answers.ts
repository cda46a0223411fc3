import { brokerPorts } from './kafka-wire.ts';

/** Whether the broker whose internal listener this is answers, and sees so many, itself included, that are alive. */
export async function kafkaAnswers(internalPort: number, brokers = 1): Promise<boolean> {
  try {
    const alive = await brokerPorts(internalPort);
    return alive.length >= brokers && alive.includes(internalPort);
  } catch {
    return false;
  }
}
