import java.util.Map;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** A Spring Boot application of WebFlux. */
@EnableAutoConfiguration
@RestController
public class SpringWebFlux {
  /** Runs one side. */
  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, SpringWebFlux::server, Http::requests);
  }

  /** Gives back what it gets. */
  @PostMapping("/echo")
  public byte[] echo(@RequestBody byte[] body) {
    return body;
  }

  private static AutoCloseable server(Side side) {
    SpringApplication application = new SpringApplication(SpringWebFlux.class);
    application.setBannerMode(Banner.Mode.OFF);
    application.setDefaultProperties(
        Map.of(
            "server.port",
            side.port(),
            "spring.codec.max-in-memory-size",
            "2MB",
            "spring.http.codecs.max-in-memory-size",
            "2MB"));
    ConfigurableApplicationContext context = application.run();
    return context::close;
  }
}
