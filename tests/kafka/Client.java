import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Kafka as its own client sees it, for tests that must not take Writ's word for it.
 *
 * <p>{@code Client serve BROKERS} reads requests from standard input, a JSON object a line with the
 * name of the request in {@code do}, and answers each with any number of lines that hold a
 * {@code record}, then one with {@code ok} or {@code error}. {@code Client follow BROKERS TOPIC}
 * prints every record of a topic, from the first one on, until its input ends. Bytes are base64.
 *
 * <p>It waits for nothing but Kafka's answers; whoever asks looks again until it sees what it wants.
 */
public final class Client {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** So short that a broker which is frozen does not hold up a request to another one for long. */
    private static final int REQUEST_MS = 2_000;
    private static final int PATIENCE_MS = 60_000;

    private final String brokers;
    private final PrintStream out;
    private final Admin admin;

    private Client(String brokers, PrintStream out) {
        this.brokers = brokers;
        this.out = out;
        Map<String, Object> settings = settings(brokers);
        settings.put("default.api.timeout.ms", PATIENCE_MS);
        this.admin = Admin.create(settings);
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Client client = new Client(arguments[1], out);
        switch (arguments[0]) {
            case "serve" -> client.serve(in);
            case "follow" -> client.follow(arguments[2], in);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private void serve(BufferedReader in) throws Exception {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            ObjectNode answer = JSON.createObjectNode();
            try {
                answer.set("ok", JSON.valueToTree(answer(JSON.readTree(line))));
            } catch (Exception failed) {
                answer.put("error", described(failed));
            }
            out.println(answer);
            out.flush();
        }
    }

    private Object answer(JsonNode request) throws Exception {
        return switch (request.get("do").asText()) {
            case "nodes" -> nodes();
            case "topics" -> admin.listTopics().names().get();
            case "create" -> create(request);
            case "alter" -> alter(request);
            case "grow" -> grow(request);
            case "delete" -> admin.deleteTopics(List.of(topic(request))).all().get();
            case "describe" -> describe(request);
            case "configs" -> configs(resource(request)).stream()
                    .filter(entry -> entry.value() != null)
                    .collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::value));
            case "settings" -> settings(request);
            case "elect" -> elect(request);
            case "offsets" -> offsets(request);
            case "truncate" -> truncate(request);
            case "produce" -> produce(request);
            case "records" -> records(request);
            default -> throw new IllegalArgumentException(request.toString());
        };
    }

    /** The nodes that take part; one that is fenced does not. */
    private List<Integer> nodes() throws Exception {
        return admin.describeCluster().nodes().get().stream().map(Node::id).sorted().toList();
    }

    private Object create(JsonNode request) throws Exception {
        NewTopic topic;
        JsonNode assignment = request.get("assignment");
        if (assignment.isEmpty()) {
            Optional<Short> replicas =
                    Optional.ofNullable(request.get("replicas"))
                            .filter(JsonNode::isNumber)
                            .map(node -> (short) node.asInt());
            topic = new NewTopic(topic(request), Optional.of(request.get("partitions").asInt()), replicas);
        } else {
            Map<Integer, List<Integer>> nodes = new HashMap<>();
            for (JsonNode partition : assignment) {
                List<Integer> replicas = new ArrayList<>();
                partition.forEach(node -> replicas.add(node.asInt()));
                nodes.put(nodes.size(), replicas);
            }
            topic = new NewTopic(topic(request), nodes);
        }
        Map<String, String> configs = new HashMap<>();
        request.get("configs").properties()
                .forEach(config -> configs.put(config.getKey(), config.getValue().asText()));
        admin.createTopics(List.of(topic.configs(configs))).all().get();
        return null;
    }

    private Object alter(JsonNode request) throws Exception {
        List<AlterConfigOp> changes = new ArrayList<>();
        for (Map.Entry<String, JsonNode> config : request.get("configs").properties()) {
            boolean removed = config.getValue().isNull();
            changes.add(new AlterConfigOp(
                    new ConfigEntry(config.getKey(), removed ? null : config.getValue().asText()),
                    removed ? AlterConfigOp.OpType.DELETE : AlterConfigOp.OpType.SET));
        }
        admin.incrementalAlterConfigs(Map.of(resource(request), changes)).all().get();
        return null;
    }

    private Object grow(JsonNode request) throws Exception {
        NewPartitions partitions = NewPartitions.increaseTo(request.get("partitions").asInt());
        admin.createPartitions(Map.of(topic(request), partitions)).all().get();
        return null;
    }

    /** Null if there is no such topic. */
    private Object describe(JsonNode request) throws Exception {
        TopicDescription topic;
        try {
            topic = admin.describeTopics(List.of(topic(request))).allTopicNames().get()
                    .get(topic(request));
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof UnknownTopicOrPartitionException) {
                return null;
            }
            throw failed;
        }
        List<Object> partitions = new ArrayList<>();
        topic.partitions().forEach(partition -> {
            Map<String, Object> shown = new HashMap<>();
            Node leader = partition.leader();
            shown.put("leader", leader == null || leader.isEmpty() ? null : leader.id());
            shown.put("replicas", partition.replicas().stream().map(Node::id).toList());
            shown.put("in_sync", partition.isr().stream().map(Node::id).sorted().toList());
            partitions.add(shown);
        });
        return Map.of("id", topic.topicId().toString(), "partitions", partitions);
    }

    /** What holds for a topic or a node, defaults of the cluster included. */
    private Collection<ConfigEntry> configs(ConfigResource resource) throws Exception {
        return admin.describeConfigs(List.of(resource)).all().get().get(resource).entries();
    }

    /** The names of all settings that a node knows, also of those that nobody has set. */
    private Object settings(JsonNode request) throws Exception {
        String node = request.get("node").asText();
        return configs(new ConfigResource(ConfigResource.Type.BROKER, node)).stream()
                .map(ConfigEntry::name)
                .toList();
    }

    private Object elect(JsonNode request) throws Exception {
        ElectionType how = request.get("unclean").asBoolean()
                ? ElectionType.UNCLEAN
                : ElectionType.PREFERRED;
        admin.electLeaders(how, Set.of(partition(request))).all().get();
        return null;
    }

    /** For each partition the first offset that is there, and the one that comes next. */
    private Object offsets(JsonNode request) throws Exception {
        List<List<Long>> ranges = new ArrayList<>();
        List<TopicPartition> partitions = admin.describeTopics(List.of(topic(request)))
                .allTopicNames().get().get(topic(request)).partitions().stream()
                .map(info -> new TopicPartition(topic(request), info.partition()))
                .toList();
        for (TopicPartition partition : partitions) {
            List<Long> range = new ArrayList<>();
            for (OffsetSpec end : List.of(OffsetSpec.earliest(), OffsetSpec.latest())) {
                range.add(admin.listOffsets(Map.of(partition, end)).partitionResult(partition)
                        .get().offset());
            }
            ranges.add(range);
        }
        return ranges;
    }

    private Object truncate(JsonNode request) throws Exception {
        RecordsToDelete before = RecordsToDelete.beforeOffset(request.get("before").asLong());
        admin.deleteRecords(Map.of(partition(request), before)).all().get();
        return null;
    }

    /** The offset of each record, in the order of the request. */
    private Object produce(JsonNode request) throws Exception {
        Map<String, Object> settings = settings(brokers);
        settings.put("acks", request.get("acks").asText());
        settings.put("enable.idempotence", request.get("acks").asText().equals("all"));
        int limit = request.get("limit_ms").asInt();
        settings.put("request.timeout.ms", Math.min(REQUEST_MS, limit));
        settings.put("delivery.timeout.ms", limit);
        settings.put("max.block.ms", limit);
        settings.put("linger.ms", 0);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (JsonNode message : request.get("messages")) {
                ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                        topic(request), message.get("partition").asInt(),
                        bytes(message.get("key")), bytes(message.get("value")));
                for (JsonNode header : message.get("headers")) {
                    record.headers().add(header.get(0).asText(), bytes(header.get(1)));
                }
                sent.add(producer.send(record));
            }
            List<Long> offsets = new ArrayList<>();
            for (Future<RecordMetadata> one : sent) {
                offsets.add(one.get().offset());
            }
            return offsets;
        }
    }

    /** Prints all that was there when it was asked; partition by partition, in order. */
    private Object records(JsonNode request) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            for (TopicPartition partition : partitions(consumer, topic(request))) {
                consumer.assign(List.of(partition));
                consumer.seekToBeginning(List.of(partition));
                long end = consumer.endOffsets(List.of(partition)).get(partition);
                long deadline = System.nanoTime() + Duration.ofMillis(PATIENCE_MS).toNanos();
                while (consumer.position(partition) < end) {
                    for (ConsumerRecord<byte[], byte[]> record
                            : consumer.poll(Duration.ofMillis(100)).records(partition)) {
                        if (record.offset() < end) {
                            print(record);
                        }
                    }
                    if (System.nanoTime() > deadline) {
                        throw new IllegalStateException("no record at "
                                + consumer.position(partition) + " of " + partition
                                + ", which ends at " + end);
                    }
                }
            }
            return null;
        }
    }

    private void follow(String topic, BufferedReader in) {
        Thread watch = new Thread(() -> {
            try {
                in.transferTo(java.io.Writer.nullWriter());
            } catch (java.io.IOException gone) {
                // As good an end as any.
            }
            Runtime.getRuntime().halt(0);
        });
        watch.setDaemon(true);
        watch.start();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            List<TopicPartition> partitions = partitions(consumer, topic);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (!out.checkError()) {
                consumer.poll(Duration.ofMillis(100)).forEach(this::print);
            }
        }
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        Map<String, Object> settings = settings(brokers);
        settings.put("enable.auto.commit", false);
        settings.put("auto.offset.reset", "earliest");
        settings.put("fetch.max.wait.ms", 100);
        settings.put("default.api.timeout.ms", PATIENCE_MS);
        return new KafkaConsumer<>(
                settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer, String topic) {
        return consumer.partitionsFor(topic).stream()
                .map(PartitionInfo::partition).sorted()
                .map(number -> new TopicPartition(topic, number))
                .toList();
    }

    private void print(ConsumerRecord<byte[], byte[]> record) {
        ObjectNode shown = JSON.createObjectNode();
        shown.put("partition", record.partition());
        shown.put("offset", record.offset());
        shown.put("timestamp_ms", record.timestamp());
        shown.put("at_append", record.timestampType() == TimestampType.LOG_APPEND_TIME);
        shown.put("key", text(record.key()));
        shown.put("value", text(record.value()));
        ArrayNode headers = shown.putArray("headers");
        for (Header header : record.headers()) {
            headers.addArray().add(header.key()).add(text(header.value()));
        }
        out.println(JSON.createObjectNode().set("record", shown).toString());
    }

    private static Map<String, Object> settings(String brokers) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", brokers);
        settings.put("request.timeout.ms", REQUEST_MS);
        settings.put("socket.connection.setup.timeout.ms", 1_000);
        settings.put("reconnect.backoff.max.ms", 200);
        settings.put("retry.backoff.max.ms", 200);
        settings.put("metadata.max.age.ms", 1_000);
        return settings;
    }

    private static String described(Throwable failed) {
        List<String> causes = new ArrayList<>();
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (!(cause instanceof ExecutionException)) {
                causes.add(cause.toString());
            }
        }
        return String.join(": ", causes);
    }

    private static String topic(JsonNode request) {
        return request.get("topic").asText();
    }

    private static TopicPartition partition(JsonNode request) {
        return new TopicPartition(topic(request), request.get("partition").asInt());
    }

    private static ConfigResource resource(JsonNode request) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic(request));
    }

    private static byte[] bytes(JsonNode base64) {
        return base64.isNull() ? null : Base64.getDecoder().decode(base64.asText());
    }

    private static String text(byte[] bytes) {
        return bytes == null ? null : Base64.getEncoder().encodeToString(bytes);
    }
}
