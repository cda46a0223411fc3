import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kafka.Kafka;
import kafka.tools.StorageTool;

/**
 * KafkaNode SETTINGS CLUSTER [SCRAM...]: one node of a cluster, in one JVM: formats its storage if that is new (users as kafka-storage's
 * --add-scram takes them), then runs until it is killed.
 */
public final class KafkaNode {
    private KafkaNode() {}

    public static void main(String[] args) {
        String settings = args[0];
        EndWithParent.watch(Path.of(settings).getParent());
        List<String> format = new ArrayList<>(
            List.of("format", "--ignore-formatted", "--config", settings, "--cluster-id", args[1]));
        for (String user : Arrays.asList(args).subList(2, args.length)) {
            format.addAll(List.of("--add-scram", user));
        }
        if (StorageTool.execute(format.toArray(String[]::new), System.out) != 0) {
            Runtime.getRuntime().halt(1);
        }
        Kafka.main(new String[] {settings});
    }
}
