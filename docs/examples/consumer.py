"""Prints each expired credential once. pip install -r requirements.txt; KAFKA_BROKERS=localhost:9092 python consumer.py"""
import json
import os

from kafka import KafkaConsumer

# Keep both in your database, in the transaction that does the work: after a crash, events since the last commit come again.
seen, versions = set(), {}

consumer = KafkaConsumer(
    os.environ.get("TOPIC", "credential.expired"),
    bootstrap_servers=os.environ.get("KAFKA_BROKERS", "localhost:9092").split(","),
    group_id=os.environ.get("GROUP_ID", "example"),
    auto_offset_reset="earliest",
    enable_auto_commit=False,
)
for message in consumer:
    event_id, data = dict(message.headers)["ce_id"], json.loads(message.value)
    credential, version, reason = data["credentialId"], int(data["version"]), data["reason"]
    if event_id not in seen and version >= versions.get(credential, 0):
        # Later versions may name others than today's: what this program does not know must not stop it.
        helper = "its creator" if reason["resolver"] == "RESOLVER_USER" else "somebody else"
        print(f"{credential} expired ({reason['code']}): {helper} can help", flush=True)
        seen.add(event_id)
        versions[credential] = version
    consumer.commit()
