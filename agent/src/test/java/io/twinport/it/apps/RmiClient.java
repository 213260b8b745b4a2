package io.twinport.it.apps;

import java.rmi.registry.LocateRegistry;
import java.rmi.server.UnicastRemoteObject;
import java.util.Arrays;
import java.util.Random;

/** A client of {@link RmiServer}, which calls it back. Argument: the port for that. */
public final class RmiClient implements RemoteEcho.Callback {
  private final RemoteEcho.Callback stub;

  private RmiClient(int port) throws Exception {
    stub = (RemoteEcho.Callback) UnicastRemoteObject.exportObject(this, port);
  }

  /** Runs the client. */
  public static void main(String[] arguments) throws Exception {
    RmiClient client = new RmiClient(Integer.parseInt(arguments[0]));
    new Console().on("call", client::call).serve("ports=" + arguments[0]);
    UnicastRemoteObject.unexportObject(client, true);
  }

  @Override
  public int next(int number) {
    return number + 1;
  }

  /** {@code call HOST PORT BYTES}: looks the object up, has bytes come back, is called back. */
  private String call(String... words) throws Exception {
    RemoteEcho echo =
        (RemoteEcho)
            LocateRegistry.getRegistry(words[1], Integer.parseInt(words[2]))
                .lookup(RemoteEcho.NAME);
    byte[] bytes = new byte[Integer.parseInt(words[3])];
    new Random(bytes.length).nextBytes(bytes);
    return "equal=" + Arrays.equals(bytes, echo.echo(bytes)) + " count=" + echo.count(stub, 10);
  }
}
