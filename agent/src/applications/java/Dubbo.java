import org.apache.dubbo.config.ApplicationConfig;
import org.apache.dubbo.config.ProtocolConfig;
import org.apache.dubbo.config.ReferenceConfig;
import org.apache.dubbo.config.RegistryConfig;
import org.apache.dubbo.config.ServiceConfig;
import org.apache.dubbo.config.bootstrap.DubboBootstrap;

/** Dubbo, by its own protocol, without a registry. */
public final class Dubbo {
  private static final int CALLS = 1000;

  private Dubbo() {}

  /** What is called. */
  public interface Echo {
    /** Gives back what it gets. */
    String echo(String text);
  }

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Dubbo::server, Dubbo::client);
  }

  private static DubboBootstrap bootstrap() {
    ApplicationConfig application = new ApplicationConfig("echo");
    application.setQosEnable(false);
    return DubboBootstrap.getInstance()
        .application(application)
        .registry(new RegistryConfig(RegistryConfig.NO_AVAILABLE));
  }

  private static AutoCloseable server(Side side) {
    DubboBootstrap bootstrap = bootstrap();
    ProtocolConfig protocol = new ProtocolConfig("dubbo", side.port());
    protocol.setHost("127.0.0.1");
    ServiceConfig<Echo> service = new ServiceConfig<>();
    service.setInterface(Echo.class);
    service.setRef(text -> text);
    service.setProtocol(protocol);
    bootstrap.service(service);
    bootstrap.start();
    return bootstrap::stop;
  }

  private static String client(Side side) {
    DubboBootstrap bootstrap = bootstrap();
    bootstrap.start();
    ReferenceConfig<Echo> reference = new ReferenceConfig<>();
    reference.setInterface(Echo.class);
    reference.setUrl("dubbo://127.0.0.1:" + side.port());
    reference.setTimeout(30_000);
    Echo echo = reference.get();
    for (int i = 0; i < CALLS; i++) {
      String text = "x".repeat(i * 10);
      Side.check(text.equals(echo.echo(text)), "call " + i);
    }
    reference.destroy();
    bootstrap.stop();
    return CALLS + " calls";
  }
}
