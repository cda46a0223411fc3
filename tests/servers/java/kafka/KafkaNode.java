import java.nio.file.Path;
import kafka.Kafka;
import kafka.tools.StorageTool;

/** KafkaNode SETTINGS CLUSTER: one node of a cluster, in one JVM: formats its storage if that is new, then runs until it is killed. */
public final class KafkaNode {
    private KafkaNode() {}

    public static void main(String[] args) {
        String settings = args[0];
        EndWithParent.watch(Path.of(settings).getParent());
        String[] format = {"format", "--ignore-formatted", "--config", settings, "--cluster-id", args[1]};
        if (StorageTool.execute(format, System.out) != 0) {
            Runtime.getRuntime().halt(1);
        }
        Kafka.main(new String[] {settings});
    }
}
