"""Source code for the JVM: what is read of each library, with its places, and what it comes to."""

from __future__ import annotations

import pytest

from tests.products.test_code import one, told
from tests.products.texts import facts

KAFKA_SPRING = """\
import java.util.*;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.springframework.kafka.core.*;

@Configuration
public class KafkaConf {
  private static final int PATIENCE = 20_000;

  @Bean
  public ProducerFactory<String, String> producerFactory() {
    return new DefaultKafkaProducerFactory<>(forProducers());
  }

  private Map<String, Object> forProducers() {
    Map<String, Object> props = new HashMap<>();
    props.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "kafka-1:9093,kafka-2:9093");
    props.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE);
    props.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "60000");
    return props;
  }

  @Bean
  public ConsumerFactory<String, String> consumerFactory() {
    Map<String, Object> props = new HashMap<>();
    props.put("bootstrap.servers", "kafka-3");
    props.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 10000);
    props.put("heartbeat.interval.ms", 2000);
    return new DefaultKafkaConsumerFactory<>(props);
  }
}
"""
KAFKA_KOTLIN = """\
import org.apache.kafka.clients.consumer.ConsumerConfig
import org.apache.kafka.clients.consumer.KafkaConsumer
class Reader {
  fun open() = KafkaConsumer<String, String>(mapOf(
    ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG to "kafka:9092", ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG to 600_000,
    "session.timeout.ms" to "30000"))
}
"""
KAFKA_APPLY = """\
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerConfig
fun open(): KafkaProducer<String, String> {
  val props = Properties().apply {
    this[ProducerConfig.BOOTSTRAP_SERVERS_CONFIG] = "kafka:9092"
    put(ProducerConfig.LINGER_MS_CONFIG, 20)
  }
  props["max.block.ms"] = 3000
  return KafkaProducer(props)
}
"""

SPRING_WEB = """\
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
class Web implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {
  public void customize(TomcatServletWebServerFactory factory) {
    factory.addConnectorCustomizers(connector -> {
      AbstractHttp11Protocol<?> protocol = (AbstractHttp11Protocol<?>) connector.getProtocolHandler();
      protocol.setKeepAliveTimeout(65000);
      ((AbstractHttp11Protocol<?>) connector.getProtocolHandler()).setConnectionTimeout(30_000);
      connector.setProperty("maxKeepAliveRequests", "500");
    });
  }
}
"""
LETTUCE = """\
import io.lettuce.core.*;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.*;
class Cache {
  LettuceConnectionFactory cache() {
    SocketOptions socket = SocketOptions.builder().connectTimeout(Duration.ofMillis(500))
        .keepAlive(SocketOptions.KeepAliveOptions.builder().enable().idle(Duration.ofSeconds(30)).build()).build();
    LettuceClientConfiguration conf = LettuceClientConfiguration.builder().commandTimeout(Duration.ofSeconds(3))
        .clientOptions(ClientOptions.builder().socketOptions(socket).build()).build();
    return new LettuceConnectionFactory(new RedisStandaloneConfiguration("cache", 6380), conf);
  }
}
"""
JEDIS = """\
import redis.clients.jedis.*;
class Cache {
  JedisPool pool() {
    JedisPoolConfig conf = new JedisPoolConfig();
    conf.setMaxWaitMillis(2000);
    return new JedisPool(conf, "redis", 6379, 1500, "hunter2");
  }
  Jedis alone() { return new Jedis("r3", 6379, 700); }
  JedisPooled login() { return new JedisPooled("r4", 6379, "me", "hunter2"); }
}
"""
LETTUCE_TWO = """\
import io.lettuce.core.*;
class Cache {
  RedisClient first() {
    RedisClient c = RedisClient.create(RedisURI.builder().withHost("r1").withTimeout(Duration.ofSeconds(4)).build());
    c.setOptions(ClientOptions.builder().socketOptions(SocketOptions.builder().keepAlive(true).build()).build());
    return c;
  }
  RedisClient second() { return RedisClient.create("redis://r2:6379"); }
}
"""
SCHEDULED = """\
import org.springframework.scheduling.annotation.Scheduled;
class Jobs {
  @Scheduled(fixedRate = 5, timeUnit = TimeUnit.MINUTES) void a() {}
  @Scheduled(fixedDelayString = "${job.delay:2000}") void b() {}
  @Scheduled(cron = "0/30 * * * * *") void c() {}
  @Scheduled(cron = "${job.cron}") void d() {}
}
"""
FEIGN = """\
package a;
import org.springframework.cloud.openfeign.FeignClient;
@FeignClient(name = "orders", url = "${orders.url:http://orders:8080/api}")
interface Orders {}
@FeignClient("stock")
interface Stock {}
"""
FEIGN_CONFIGURED = """\
package a;
import feign.Request;
import feign.Retryer;
class Conf {
  @Bean Request.Options options() { return new Request.Options(2, TimeUnit.SECONDS, 7, TimeUnit.SECONDS, true); }
  @Bean Retryer retryer() { return new Retryer.Default(100, 1000, 3); }
}
"""

AWS_V1 = """\
import com.amazonaws.ClientConfiguration;
class Store {
  ClientConfiguration conf = new ClientConfiguration().withConnectionTimeout(1000).withSocketTimeout(4_000);
  void more() { conf.setConnectionMaxIdleMillis(30000); }
}
"""
AWS_V2 = """\
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.services.s3.S3Client;
class Store {
  S3Client s3 = S3Client.builder().endpointOverride(URI.create("http://minio:9000"))
      .httpClientBuilder(ApacheHttpClient.builder().connectionMaxIdleTime(Duration.ofSeconds(20)).tcpKeepAlive(true))
      .overrideConfiguration(o -> o.apiCallTimeout(Duration.ofSeconds(9))).build();
}
"""

SAMPLES = {
    "aws v1": (
        "src/Store.java",
        AWS_V1,
        [
            "aws-sdk-java client",
            "connectionTimeout = 1000 @ 3:56-83",
            "socketTimeout = 4000 @ 3:84-108",
            "connectionMaxIdleMillis = 30000 @ 4:17-55",
            "-> its address is not said in this file http ClientConfiguration @ 3:30",
        ],
    ),
    "aws v2": (
        "src/Store.java",
        AWS_V2,
        [
            "aws-sdk-java client",
            "apiCallTimeout = 9s @ 6:35-74",
            "connectionMaxIdleTime = 20s @ 5:53-98",
            "tcpKeepAlive = true @ 5:99-117",
            "-> minio:9000 http endpointOverride @ 4:17",
        ],
    ),
    "Tomcat behind Spring Boot": (
        "src/Web.java",
        SPRING_WEB,
        [
            "spring-boot server",
            "server.tomcat.connection-timeout = 30000 @ 8:68-96",
            "server.tomcat.max-keep-alive-requests = 500 @ 9:7-59",
            "server.tomcat.keep-alive-timeout = 65000 @ 7:7-42",
        ],
    ),
    "lettuce in Spring Data": (
        "src/Cache.java",
        LETTUCE,
        [
            "lettuce client",
            "RedisURI.timeout = 3s @ 8:76-113",
            "SocketOptions.connectTimeout = 500ms @ 6:52-90",
            "SocketOptions.KeepAliveOptions.idle = 30s @ 7:70-98",
            "-> cache:6380 redis RedisStandaloneConfiguration @ 10:41",
        ],
    ),
    "jedis by position, passwords left alone": (
        "src/Cache.java",
        JEDIS,
        [
            "jedis client",
            "connectionTimeoutMillis = 1500 @ 6:47-51",
            "connectionTimeoutMillis = 700 @ 8:48-51",
            "socketTimeoutMillis = 1500 @ 6:47-51",
            "socketTimeoutMillis = 700 @ 8:48-51",
            "maxWait = 2000 @ 5:5-32",
            "-> redis:6379 redis JedisPool @ 6:12",
            "-> r3:6379 redis Jedis @ 8:26",
            "-> r4:6379 redis JedisPooled @ 9:32",
        ],
    ),
    "a builder that is a parameter": (
        "src/Rest.java",
        """\
import org.springframework.boot.web.client.RestTemplateBuilder;
class Rest {
  RestTemplate one(RestTemplateBuilder builder) {
    return builder.setConnectTimeout(Duration.ofSeconds(2)).setReadTimeout(Duration.ofSeconds(9)).build();
  }
  RestTemplate other(RestTemplateBuilder builder) { return builder.build(); }
}
""",
        [
            "spring-clients client",
            "readTimeout = 9s @ 4:61-98",
            "connectTimeout = 2s @ 4:12-60",
            "-> its address is not said in this file http RestTemplateBuilder @ 3:20",
        ],
    ),
    "periods of methods": (
        "src/Jobs.java",
        SCHEDULED,
        [
            "spring-scheduling schedule",
            "@Scheduled = 300s @ 3:14-27",
            "@Scheduled = 2000 @ 4:14-52 assumed",
            "@Scheduled = 0/30 * * * * * @ 5:14-37",
            '@Scheduled = "${job.cron}" @ 6:14-34',
        ],
    ),
    "kafka in Spring's factories": (
        "src/KafkaConf.java",
        KAFKA_SPRING,
        [
            "kafka client",
            "client role = producer @ 12:12-61",
            "client role = consumer @ 29:12-52",
            "request.timeout.ms = 20000 @ 18:5-66",
            "delivery.timeout.ms = 60000 @ 19:5-66",
            "session.timeout.ms = 10000 @ 27:5-63",
            "heartbeat.interval.ms = 2000 @ 28:5-45",
            "-> kafka-1:9093 kafka Properties @ 17:5",
            "-> kafka-3:9092 kafka Properties @ 26:5",
        ],
    ),
    "kafka with a map literal": (
        "src/Reader.kt",
        KAFKA_KOTLIN,
        [
            "kafka client",
            "client role = consumer @ 4:16-38",
            "max.poll.interval.ms = 600000 @ 5:108-115",
            "session.timeout.ms = 30000 @ 6:29-36",
            "-> kafka:9092 kafka mapOf @ 4:46",
        ],
    ),
    "kafka with properties in a block": (
        "src/Writer.kt",
        KAFKA_APPLY,
        [
            "kafka client",
            "client role = producer @ 9:10-30",
            "linger.ms = 20 @ 6:5-45",
            "max.block.ms = 3000 @ 8:3-31",
            "-> kafka:9092 kafka Properties @ 5:5",
        ],
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_sample(name: str) -> None:
    path, text, expected = SAMPLES[name]
    assert told(one(path, text)) == expected


def test_periods_come_to_times() -> None:
    assert facts(one("src/Jobs.java", SCHEDULED).facts) == [
        "schedule.period = 300s (@Scheduled, written @ 3:14)",
        "schedule.period = 2s (@Scheduled, assumed @ 4:14)",
        "schedule.period = 30s (@Scheduled, written @ 5:14)",
        "schedule.period = unknown (@Scheduled, written @ 6:14)",
    ]


def test_an_option_belongs_to_the_client_it_is_given_to() -> None:
    first, second = (link.facts for link in one("src/Cache.java", LETTUCE_TWO).links)
    assert facts(first, "connect.read_stall", "connect.tcp_keepalive_time") == [
        "connect.read_stall = 4s (RedisURI.timeout, written @ 4:74)",
        "connect.tcp_keepalive_time = kernel (SocketOptions.keepAlive, written @ 5:80)",
    ]
    assert facts(second, "connect.read_stall", "connect.tcp_keepalive_time") == [
        "connect.read_stall = 60s (RedisURI.timeout, default @ 8:33)",
        "connect.tcp_keepalive_time = off or 13s (SocketOptions.KeepAliveOptions.idle, default @ 8:33)",
    ]


def test_feign_clients_have_what_their_program_configures() -> None:
    alone = one("a/Orders.java", FEIGN)
    assert [str(link.target) for link in alone.links] == ["orders:8080", "stock"]
    assert facts(alone.links[0].facts, "connect.connect", "connect.read_stall", "connect.attempts") == [
        "connect.connect = 10s (connect-timeout, default @ 3:1)",
        "connect.read_stall = 60s (read-timeout, default @ 3:1)",
        "connect.attempts = 1 (Retryer, default @ 3:1)",
    ]
    configured = one("a/Orders.java", FEIGN, **{"a/Conf.java": FEIGN_CONFIGURED})
    assert facts(configured.links[1].facts, "connect.connect", "connect.read_stall", "connect.attempts") == [
        "connect.connect = 2s (connect-timeout, written @ 5:64)",
        "connect.read_stall = 7s (read-timeout, written @ 5:85)",
        "connect.attempts = 3 (Retryer, written @ 6:67)",
    ]


def test_feign_by_itself_tries_five_times() -> None:
    text = 'import feign.Feign;\nclass A { Object a = Feign.builder().target(Orders.class, "http://orders"); }\n'
    (link,) = one("a/A.java", text).links
    assert facts(link.facts, "connect.attempts") == ["connect.attempts = 5 (Retryer, default @ 2:22)"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", "never"),
        ("c.setMinimumIdle(2);", "120s"),
        ("c.setMinimumIdle(20); c.setMaximumPoolSize(20);", "never"),
        ("c.setMinimumIdle(given != null ? given : 2);", "120s"),
    ],
)
def test_a_hikari_pool_made_in_code_says_how_small_it_may_get(said: str, expected: str) -> None:
    body = f"HikariConfig c = new HikariConfig(); c.setIdleTimeout(120000); {said} return new HikariDataSource(c);"
    found = one("a/A.java", f"import com.zaxxer.hikari.*;\nclass A {{ DataSource a(Integer given) {{ {body} }} }}\n")
    assert [fact.value for fact in found.facts["connect.idle_keep"]] == [expected]


def test_kafka_defaults_are_those_of_the_client_that_is_made() -> None:
    producer, consumer = (link.facts for link in one("src/KafkaConf.java", KAFKA_SPRING).links)
    timers = ("connect.attempt_total", "connect.retry_total", "session.session_timeout", "session.heartbeat")
    assert facts(producer, *timers) == [
        "connect.attempt_total = 20s (request.timeout.ms, written @ 18:5)",
        "connect.retry_total = 60s (delivery.timeout.ms, written @ 19:5)",
    ]
    assert facts(consumer, *timers) == [
        "connect.attempt_total = 30s (request.timeout.ms, default @ 29:12)",
        "session.session_timeout = 10s (session.timeout.ms, written @ 27:5)",
        "session.heartbeat = 2s (heartbeat.interval.ms, written @ 28:5)",
    ]


@pytest.mark.parametrize(
    ("version", "expected"), [("2.8.1", "10s (session.timeout.ms"), ("3.9.0", "45s (session.timeout.ms")]
)
def test_kafka_defaults_by_the_version_of_the_client(version: str, expected: str) -> None:
    text = 'import org.apache.kafka.clients.consumer.*;\nclass A { Object a = new KafkaConsumer<>(Map.of("bootstrap.servers", "k:9092")); }\n'
    pom = f"<project><dependencies><dependency><artifactId>kafka-clients</artifactId><version>{version}</version></dependency></dependencies></project>"
    (link,) = one("a/A.java", text, **{"a/pom.xml": pom}).links
    assert facts(link.facts, "session.session_timeout") == [f"session.session_timeout = {expected}, default @ 2:22)"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Producer a(Properties given) { return new KafkaProducer<>(given); }", "it may be among given"),
        (
            "Producer a(KafkaProperties k) { Map<String, Object> props = k.buildProducerProperties(null);"
            ' props.put("linger.ms", 7); return new KafkaProducer<>(props); }',
            "the application's spring.kafka properties decide",
        ),
    ],
)
def test_kafka_settings_of_a_table_from_elsewhere_are_not_known(text: str, expected: str) -> None:
    head = "import org.apache.kafka.clients.producer.*;\nimport org.springframework.kafka.core.*;\n"
    (link,) = one("a/A.java", head + f"class A {{ {text} }}\n").links
    (fact,) = link.facts["connect.attempt_total"]
    assert str(fact.limit) == expected or getattr(fact.limit, "reason", "") == expected
