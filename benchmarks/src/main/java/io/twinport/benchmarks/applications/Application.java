package io.twinport.benchmarks.applications;

import java.util.Locale;

/**
 * What is measured as its users run it: with the library's own settings, but for those that are
 * said where they are made.
 */
public enum Application {
  /** The HTTP server of the JDK. */
  JDK_HTTP {
    @Override
    public int serve() throws Exception {
      return JdkHttp.serve();
    }

    @Override
    public Client connect(int port) throws Exception {
      return HttpClient.connect(port);
    }
  },
  /** Tomcat with its NIO connector. */
  TOMCAT {
    @Override
    public int serve() throws Exception {
      return TomcatHttp.serve();
    }

    @Override
    public Client connect(int port) throws Exception {
      return HttpClient.connect(port);
    }
  },
  /** An HTTP server on Netty's NIO transport. */
  NETTY {
    @Override
    public int serve() throws Exception {
      return NettyHttp.serve();
    }

    @Override
    public Client connect(int port) throws Exception {
      return HttpClient.connect(port);
    }
  },
  /** A unary call of gRPC, with Netty's NIO transport at both ends. */
  GRPC {
    @Override
    public int serve() throws Exception {
      return GrpcEcho.serve();
    }

    @Override
    public Client connect(int port) throws Exception {
      return GrpcEcho.connect(port);
    }
  },
  /** A row by its key from H2's server, by JDBC. */
  H2 {
    @Override
    public int serve() throws Exception {
      return H2Rows.serve();
    }

    @Override
    public Client connect(int port) throws Exception {
      return H2Rows.connect(port);
    }
  };

  /**
   * Starts a server on the loopback address, which runs until the process ends.
   *
   * @return its port
   */
  public abstract int serve() throws Exception;

  /** A client of the server at this port of the loopback address. */
  public abstract Client connect(int port) throws Exception;

  /** For people, such as {@code jdk-http}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
