package io.twinport.it.compatibility;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The applications, each in the newest version of its line that can be had. */
final class Catalogue {
  private static final String NO_LOG = "org.slf4j:slf4j-nop:2.0.17";
  private static final String ECHO = "bodies of up to 1 MB by POST, one by one and eight at once";
  private static final String ROWS = "500 rows in and out by JDBC";
  private static final String MESSAGES = "1,000 messages sent and received";

  /** For who asks for every jar of a Spring starter but its log. */
  private static final List<String> BOOT_3 =
      List.of("org.springframework.boot:spring-boot-dependencies:3.5.7");

  private static final List<String> BOOT_4 =
      List.of("org.springframework.boot:spring-boot-dependencies:4.0.7");

  private Catalogue() {}

  static final List<Application> ALL =
      all(
          webServers(),
          springBoot(),
          calls(),
          databases(),
          messages(),
          clusters(),
          others(),
          agents());

  private static List<Application> webServers() {
    return List.of(
        Application.of("jdk-http", "JDK HttpServer and HttpClient", "JdkHttp", ECHO),
        Application.of("tomcat10", "Apache Tomcat 10.1.62", "Tomcat", ECHO)
            .with("org.apache.tomcat.embed:tomcat-embed-core:10.1.62"),
        Application.of("tomcat11", "Apache Tomcat 11.0.27", "Tomcat", ECHO)
            .with("org.apache.tomcat.embed:tomcat-embed-core:11.0.27"),
        Application.of("jetty", "Eclipse Jetty 12.1.14", "Jetty", ECHO + "; Jetty's client")
            .boms("org.eclipse.jetty:jetty-bom:12.1.14")
            .with("org.eclipse.jetty:jetty-server", "org.eclipse.jetty:jetty-client", NO_LOG),
        Application.of("undertow", "Undertow 2.4.4.Final", "Undertow", ECHO)
            .with("io.undertow:undertow-core:2.4.4.Final"),
        Application.of("netty41", "Netty 4.1.137.Final", "Netty", ECHO + "; NIO transport")
            .with("io.netty:netty-codec-http:4.1.137.Final"),
        Application.of("netty42", "Netty 4.2.20.Final", "Netty", ECHO + "; NIO transport")
            .with("io.netty:netty-codec-http:4.2.20.Final"),
        Application.of("reactor-netty", "Reactor Netty 1.3.7", "ReactorNetty", ECHO)
            .options("-Dreactor.netty.native=false")
            .with("io.projectreactor.netty:reactor-netty-http:1.3.7", NO_LOG),
        Application.of("vertx", "Eclipse Vert.x 5.0.7", "Vertx5", ECHO + "; Vert.x's client")
            .boms("io.vertx:vertx-stack-depchain:5.0.7")
            .with("io.vertx:vertx-core"),
        Application.of("helidon", "Helidon 4.5.0", "Helidon", ECHO + "; virtual threads")
            .from(21)
            .with("io.helidon.webserver:helidon-webserver:4.5.0"),
        Application.of("javalin", "Javalin 7.2.3", "JavalinHttp", ECHO)
            .with("io.javalin:javalin:7.2.3", NO_LOG),
        Application.of("grizzly", "Jersey 4.0.2 on Grizzly 4.1.0", "JerseyGrizzly", ECHO)
            .with(
                "org.glassfish.grizzly:grizzly-http-server:4.1.0",
                "org.glassfish.jersey.containers:jersey-container-grizzly2-http:4.0.2",
                "org.glassfish.jersey.inject:jersey-hk2:4.0.2"),
        Application.of("httpclient", "Apache HttpClient 5.6.5", "HttpClient5", ECHO)
            .with("org.apache.httpcomponents.client5:httpclient5:5.6.5", NO_LOG),
        Application.of("okhttp", "OkHttp 5.5.1", "OkHttp5", ECHO)
            .with("com.squareup.okhttp3:okhttp-jvm:5.5.1"),
        Application.of("websocket", "Java-WebSocket 1.6.0", "WebSocket", MESSAGES)
            .with("org.java-websocket:Java-WebSocket:1.6.0", NO_LOG),
        Application.of("pekko-http", "Apache Pekko HTTP 1.3.0", "PekkoHttp", ECHO)
            .with(
                "org.apache.pekko:pekko-http_2.13:1.3.0",
                "org.apache.pekko:pekko-stream_2.13:1.7.0",
                "org.apache.pekko:pekko-actor-typed_2.13:1.7.0",
                NO_LOG));
  }

  private static List<Application> springBoot() {
    String web = "org.springframework.boot:spring-boot-starter-web";
    String flux = "org.springframework.boot:spring-boot-starter-webflux";
    String tomcat = "!org.springframework.boot:spring-boot-starter-tomcat";
    String jetty = "org.springframework.boot:spring-boot-starter-jetty";
    List<Application> all = new ArrayList<>();
    for (List<String> boot : List.of(BOOT_3, BOOT_4)) {
      String version = boot.get(0).replaceAll(".*:", "");
      String id = "spring-boot-" + version.charAt(0);
      String name = "Spring Boot " + version;
      all.add(
          Application.of(id + "-tomcat", name + ", Tomcat", "SpringMvc", ECHO)
              .boms(boot.get(0))
              .with(web));
      all.add(
          Application.of(id + "-jetty", name + ", Jetty", "SpringMvc", ECHO)
              .boms(boot.get(0))
              .with(web, jetty, tomcat));
      all.add(
          Application.of(id + "-netty", name + ", WebFlux on Netty", "SpringWebFlux", ECHO)
              .options("-Dreactor.netty.native=false")
              .boms(boot.get(0))
              .with(flux));
    }
    return all;
  }

  private static List<Application> calls() {
    return List.of(
        Application.of("rmi", "RMI of the JDK", "Rmi", "1,000 calls"),
        Application.of("jmx", "JMX remote of the JDK", "Jmx", "attributes and notifications"),
        Application.of("grpc", "gRPC 1.85.1, Netty", "Grpc", "unary calls and streams")
            .options("-Dio.grpc.netty.shaded.io.netty.transport.noNative=true")
            .boms("io.grpc:grpc-bom:1.85.1")
            .with("io.grpc:grpc-netty-shaded", "io.grpc:grpc-stub"),
        Application.of("thrift", "Apache Thrift 0.25.0", "Thrift", "calls, blocking and not")
            .with("org.apache.thrift:libthrift:0.25.0", NO_LOG),
        Application.of("rsocket", "RSocket 1.1.5", "RSocketCalls", "requests and streams")
            .options("-Dreactor.netty.native=false")
            .with(
                "io.rsocket:rsocket-core:1.1.5",
                "io.rsocket:rsocket-transport-netty:1.1.5",
                NO_LOG),
        Application.of("dubbo", "Apache Dubbo 3.3.6", "Dubbo", "1,000 calls")
            .with("org.apache.dubbo:dubbo:3.3.6", NO_LOG),
        Application.of(
                "pekko", "Apache Pekko 1.7.0", "PekkoRemoting", "1,000 asks by Artery over TCP")
            .with(
                "org.apache.pekko:pekko-remote_2.13:1.7.0",
                "org.apache.pekko:pekko-stream_2.13:1.7.0",
                NO_LOG));
  }

  private static List<Application> databases() {
    return List.of(
        Application.of("h2", "H2 2.5.252", "H2", ROWS).with("com.h2database:h2:2.5.252"),
        Application.of(
                "postgresql",
                "PostgreSQL JDBC driver 42.7.3",
                "PostgreSql",
                ROWS + "; H2 as the server")
            .with("org.postgresql:postgresql:42.7.3", "com.h2database:h2:2.5.252"),
        Application.of("hsqldb", "HSQLDB 2.7.4", "Hsqldb", ROWS).with("org.hsqldb:hsqldb:2.7.4"),
        Application.of("derby", "Apache Derby 10.17.1.0", "Derby", ROWS)
            .from(21)
            .with(
                "org.apache.derby:derbynet:10.17.1.0",
                "org.apache.derby:derbyclient:10.17.1.0",
                "org.apache.derby:derbytools:10.17.1.0",
                "org.apache.derby:derby:10.17.1.0"),
        Application.of(
                "mongodb",
                "MongoDB driver 5.14.0",
                "MongoDb",
                "documents of a mongo-java-server, written and searched")
            .with(
                "org.mongodb:mongodb-driver-sync:5.14.0",
                "de.bwaldvogel:mongo-java-server:1.47.0",
                NO_LOG),
        cassandra(),
        Application.of("jedis", "Jedis 8.0.2", "RedisJedis", "keys of a jedis-mock server")
            .with("redis.clients:jedis:8.0.2", "com.github.fppt:jedis-mock:1.1.18", NO_LOG),
        Application.of("lettuce", "Lettuce 7.7.0.RELEASE", "RedisLettuce", "keys of jedis-mock")
            .options("-Dio.lettuce.core.epoll=false", "-Dio.lettuce.core.iouring=false")
            .with(
                "io.lettuce:lettuce-core:7.7.0.RELEASE",
                "com.github.fppt:jedis-mock:1.1.18",
                NO_LOG),
        Application.of("hadoop", "Apache Hadoop HDFS 3.5.0", "Hdfs", "files written and read")
            .with(
                "org.apache.hadoop:hadoop-client-api:3.5.0",
                "org.apache.hadoop:hadoop-client-runtime:3.5.0",
                "org.apache.hadoop:hadoop-client-minicluster:3.5.0"));
  }

  /**
   * With the options that its own start script gives. It sets a security manager, so it runs on no
   * later JDK.
   */
  private static Application cassandra() {
    return Application.of(
            "cassandra",
            "Apache Cassandra 5.0.9",
            "CassandraNode",
            "500 rows in and out by its driver")
        .upTo(17)
        .with(
            "org.apache.cassandra:cassandra-all:5.0.9",
            "org.apache.cassandra:java-driver-core:4.19.4")
        .options(
            "-Xmx1g",
            "-Djdk.attach.allowAttachSelf=true",
            "-Dcassandra.native.epoll.enabled=false",
            "-Dcassandra.skip_wait_for_gossip_to_settle=0")
        .options(
            modules(
                "--add-exports",
                "java.base/java.lang.ref",
                "java.base/java.lang.reflect",
                "java.base/jdk.internal.misc",
                "java.base/jdk.internal.ref",
                "java.base/sun.nio.ch",
                "java.management.rmi/com.sun.jmx.remote.internal.rmi",
                "java.rmi/sun.rmi.registry",
                "java.rmi/sun.rmi.server",
                "java.rmi/sun.rmi.transport.tcp",
                "java.sql/java.sql",
                "jdk.compiler/com.sun.tools.javac.file"))
        .options(
            modules(
                "--add-opens",
                "java.base/java.io",
                "java.base/java.lang",
                "java.base/java.lang.module",
                "java.base/java.lang.reflect",
                "java.base/java.nio",
                "java.base/java.util",
                "java.base/java.util.concurrent",
                "java.base/java.util.concurrent.atomic",
                "java.base/jdk.internal.loader",
                "java.base/jdk.internal.math",
                "java.base/jdk.internal.module",
                "java.base/jdk.internal.ref",
                "java.base/jdk.internal.reflect",
                "java.base/jdk.internal.util.jar",
                "java.base/sun.nio.ch",
                "java.rmi/sun.rmi.transport.tcp",
                "jdk.management/com.sun.management.internal"));
  }

  /** An option of that name for each package. */
  private static String[] modules(String option, String... packages) {
    return Arrays.stream(packages)
        .map(each -> option + "=" + each + "=ALL-UNNAMED")
        .toArray(String[]::new);
  }

  private static List<Application> messages() {
    return List.of(
        Application.of(
                "kafka", "Apache Kafka 4.4.0", "Kafka", MESSAGES + ", a consumer group of two")
            .with("org.apache.kafka:kafka_2.13:4.4.0"),
        Application.of(
                "kafka-restart",
                "Apache Kafka 4.4.0",
                "KafkaRestart",
                "the broker killed and started again under load")
            .killedUnderLoad()
            .with("org.apache.kafka:kafka_2.13:4.4.0"),
        Application.of("artemis", "Apache Artemis 2.56.0", "Artemis", MESSAGES)
            .with(
                "org.apache.artemis:artemis-server:2.56.0",
                "org.apache.artemis:artemis-jakarta-client:2.56.0",
                NO_LOG),
        Application.of("activemq", "Apache ActiveMQ Classic 6.3.1", "ActiveMq", MESSAGES)
            .with("org.apache.activemq:activemq-broker:6.3.1", NO_LOG),
        Application.of("mqtt", "Moquette 0.17 and Eclipse Paho 1.2.5", "Mqtt", MESSAGES)
            .with(
                "io.moquette:moquette-broker:0.17",
                "org.eclipse.paho:org.eclipse.paho.client.mqttv3:1.2.5",
                "!org.slf4j:slf4j-reload4j",
                NO_LOG),
        Application.of(
                "qpid", "Apache Qpid Broker-J 10.1.0 and RabbitMQ client 5.37.1", "Amqp", MESSAGES)
            .with(
                "org.apache.qpid:qpid-broker-core:10.1.0",
                "org.apache.qpid:qpid-broker-plugins-amqp-0-8-protocol:10.1.0",
                "org.apache.qpid:qpid-broker-plugins-memory-store:10.1.0",
                "com.rabbitmq:amqp-client:5.37.1",
                NO_LOG));
  }

  private static List<Application> clusters() {
    return List.of(
        Application.of(
                "zookeeper",
                "Apache ZooKeeper 3.9.5",
                "ZooKeepers",
                "an ensemble of three; nodes and watches")
            .nodes(3)
            .with(
                "org.apache.zookeeper:zookeeper:3.9.5",
                "!ch.qos.logback:logback-classic",
                "io.dropwizard.metrics:metrics-core:4.1.12.1",
                "org.xerial.snappy:snappy-java:1.1.10.5",
                NO_LOG),
        Application.of(
                "hazelcast",
                "Hazelcast 5.7.0",
                "HazelcastCluster",
                "a cluster of three; a map of 1,000 entries")
            .nodes(3)
            .options("--add-modules=java.se")
            .options(modules("--add-exports", "java.base/jdk.internal.ref"))
            .options(
                modules(
                    "--add-opens",
                    "java.base/java.lang",
                    "java.base/sun.nio.ch",
                    "java.management/sun.management",
                    "jdk.management/com.sun.management.internal"))
            .with("com.hazelcast:hazelcast:5.7.0"),
        Application.of("jgroups", "JGroups 5.5.7.Final", "JGroups", "a cluster of three over TCP")
            .nodes(2)
            .with("org.jgroups:jgroups:5.5.7.Final"),
        Application.of(
                "infinispan",
                "Infinispan 15.2.6.Final",
                "InfinispanCluster",
                "a cluster of three; a cache of 1,000 entries")
            .nodes(3)
            .with("org.infinispan:infinispan-core:15.2.6.Final"),
        ignite(),
        Application.of(
                "flink",
                "Apache Flink 2.3.0",
                "FlinkCluster",
                "a job with a shuffle between two task managers")
            .options("-Xmx1g")
            .with(
                "org.apache.flink:flink-clients:2.3.0",
                "org.apache.flink:flink-runtime:2.3.0",
                "org.apache.flink:flink-streaming-java:2.3.0",
                NO_LOG));
  }

  /** With the options that its own start script gives. */
  private static Application ignite() {
    return Application.of(
            "ignite",
            "Apache Ignite 2.18.0",
            "IgniteCluster",
            "a cluster of three; a cache of 1,000 entries")
        .nodes(3)
        .with("org.apache.ignite:ignite-core:2.18.0")
        .options(
            modules(
                "--add-opens",
                "java.base/java.io",
                "java.base/java.lang",
                "java.base/java.lang.invoke",
                "java.base/java.math",
                "java.base/java.net",
                "java.base/java.nio",
                "java.base/java.text",
                "java.base/java.time",
                "java.base/java.util",
                "java.base/java.util.concurrent",
                "java.base/java.util.concurrent.atomic",
                "java.base/java.util.concurrent.locks",
                "java.base/jdk.internal.access",
                "java.base/jdk.internal.misc",
                "java.base/sun.nio.ch",
                "java.base/sun.reflect.generics.reflectiveObjects",
                "java.base/sun.util.calendar",
                "java.management/com.sun.jmx.mbeanserver",
                "java.sql/java.sql",
                "jdk.internal.jvmstat/sun.jvmstat.monitor",
                "jdk.management/com.sun.management.internal"));
  }

  private static List<Application> others() {
    return List.of(
        Application.of("sshd", "Apache MINA SSHD 2.20.0", "Sshd", "commands and forwarded ports")
            .with("org.apache.sshd:sshd-core:2.20.0", NO_LOG),
        Application.of("mina", "Apache MINA 2.2.10", "Mina", "1,000 lines echoed")
            .with("org.apache.mina:mina-core:2.2.10", NO_LOG),
        Application.of(
                "ftp",
                "Apache FtpServer 1.2.1 and Commons Net 3.13.0",
                "Ftp",
                "files up and down, passive")
            .with(
                "org.apache.ftpserver:ftpserver-core:1.2.1",
                "commons-net:commons-net:3.13.0",
                NO_LOG),
        Application.of(
                "ldap", "UnboundID LDAP 7.0.5", "Ldap", "entries added and searched; JNDI, too")
            .with("com.unboundid:unboundid-ldapsdk:7.0.5"),
        Application.of(
                "mail", "GreenMail 2.1.13 and Jakarta Mail", "Mail", "mail by SMTP, read by IMAP")
            .with("com.icegreen:greenmail:2.1.13", NO_LOG));
  }

  /** Other agents, before Twinport's and behind it. */
  private static List<Application> agents() {
    List<Application> all = new ArrayList<>();
    for (boolean before : List.of(true, false)) {
      all.add(
          agent(
                  "opentelemetry",
                  "OpenTelemetry agent 2.33.1",
                  before,
                  "-javaagent:{opentelemetry-javaagent}")
              .with("io.opentelemetry.javaagent:opentelemetry-javaagent:2.33.1")
              .options(
                  "-Dotel.traces.exporter=none",
                  "-Dotel.metrics.exporter=none",
                  "-Dotel.logs.exporter=none",
                  "-Dotel.javaagent.logging=none"));
      all.add(
          agent(
                  "jacoco",
                  "JaCoCo 0.8.15",
                  before,
                  "-javaagent:{org.jacoco.agent}=destfile=jacoco.exec")
              .with("org.jacoco:org.jacoco.agent:0.8.15:runtime"));
      all.add(
          agent("blockhound", "BlockHound 1.0.17.RELEASE", before, "-javaagent:{blockhound}")
              .options("-XX:+AllowRedefinitionToAddDeleteMethods")
              .with("io.projectreactor.tools:blockhound:1.0.17.RELEASE"));
      all.add(
          agent("byteman", "Byteman 4.0.27", before, "-javaagent:{byteman}=boot:{byteman}")
              .with("org.jboss.byteman:byteman:4.0.27"));
    }
    return all;
  }

  private static Application agent(String id, String name, boolean before, String option) {
    String order = before ? "before" : "behind";
    Application application =
        Application.of(
                id + "-" + order, name + ", " + order + " Twinport's", "Netty", ECHO + "; Netty")
            .with("io.netty:netty-codec-http:4.2.20.Final");
    return before ? application.optionsBefore(option) : application.options(option);
  }

  @SafeVarargs
  private static List<Application> all(List<Application>... groups) {
    List<Application> all = new ArrayList<>();
    for (List<Application> group : groups) {
      all.addAll(group);
    }
    return Collections.unmodifiableList(all);
  }
}
