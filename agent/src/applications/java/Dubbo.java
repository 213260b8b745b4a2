import org.apache.dubbo.config.ApplicationConfig;
import org.apache.dubbo.config.ProtocolConfig;
import org.apache.dubbo.config.ReferenceConfig;
import org.apache.dubbo.config.RegistryConfig;
import org.apache.dubbo.config.ServiceConfig;
import org.apache.dubbo.config.bootstrap.DubboBootstrap;

/** Dubbo, by its own protocol and by Triple. */
public final class Dubbo {
  private static final int CALLS = 500;

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
    for (String protocol : new String[] {"dubbo", "tri"}) {
      ProtocolConfig config = new ProtocolConfig(protocol, side.port(protocol.equals("tri") ? 1 : 0));
      config.setHost("127.0.0.1");
      ServiceConfig<Echo> service = new ServiceConfig<>();
      service.setInterface(Echo.class);
      service.setRef(text -> text);
      service.setProtocol(config);
      bootstrap.service(service);
    }
    bootstrap.start();
    return bootstrap::stop;
  }

  private static String client(Side side) {
    DubboBootstrap bootstrap = bootstrap();
    bootstrap.start();
    for (String protocol : new String[] {"dubbo", "tri"}) {
      ReferenceConfig<Echo> reference = new ReferenceConfig<>();
      reference.setInterface(Echo.class);
      reference.setUrl(
          protocol + "://127.0.0.1:" + side.port(protocol.equals("tri") ? 1 : 0));
      reference.setTimeout(30_000);
      Echo echo = reference.get();
      for (int i = 0; i < CALLS; i++) {
        String text = "x".repeat(i * 10);
        Side.check(text.equals(echo.echo(text)), "call " + i);
      }
      reference.destroy();
    }
    bootstrap.stop();
    return 2 * CALLS + " calls";
  }
}
