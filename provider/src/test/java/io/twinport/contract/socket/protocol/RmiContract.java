package io.twinport.contract.socket.protocol;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.twinport.contract.socket.SocketContract;
import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.Background;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.rmi.ConnectException;
import java.rmi.NoSuchObjectException;
import java.rmi.Remote;
import java.rmi.RemoteException;
import java.rmi.UnmarshalException;
import java.rmi.server.RMIClientSocketFactory;
import java.rmi.server.RMIServerSocketFactory;
import java.rmi.server.UnicastRemoteObject;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** RMI over sockets that factories of the application's own make. */
public abstract class RmiContract extends SocketContract {
  private final Factory factory = new Factory();
  private Echo exported;

  protected RmiContract(Transport transport) {
    super(transport);
  }

  /** What is called from afar. */
  private interface Echo extends Remote {
    byte[] echo(byte[] data) throws RemoteException, InterruptedException;
  }

  private final class Factory implements RMIClientSocketFactory, RMIServerSocketFactory {
    final List<Socket> connected = new CopyOnWriteArrayList<>();

    @Override
    public Socket createSocket(String host, int port) throws IOException {
      Socket socket = newSocket();
      socket.connect(new InetSocketAddress(Addresses.LOOPBACK4, port));
      connected.add(socket);
      return socket;
    }

    @Override
    public ServerSocket createServerSocket(int port) throws IOException {
      ServerSocket server = newServerSocket();
      server.bind(new InetSocketAddress(Addresses.LOOPBACK4, port));
      return server;
    }
  }

  private Echo export(int port, Echo object) throws RemoteException {
    exported = object;
    return (Echo) UnicastRemoteObject.exportObject(object, port, factory, factory);
  }

  @AfterEach
  void unexport() {
    try {
      UnicastRemoteObject.unexportObject(exported, true);
    } catch (RemoteException e) {
      // The test has done so.
    }
  }

  private static void assertEchoes(Echo stub, int length) throws Exception {
    byte[] data = Payload.random(length, length);
    assertArrayEquals(data, stub.echo(data));
  }

  @Test
  void callsShareAConnection() throws Exception {
    Echo stub = export(freePort().getPort(), data -> data);
    for (int length : new int[] {0, 1, 100, 1_000_000}) {
      assertEchoes(stub, length);
    }
    assertEquals(1, factory.connected.size());
  }

  @Test
  void unexportEndsTheListener() throws Exception {
    InetSocketAddress address = freePort();
    Echo stub = export(address.getPort(), data -> data);
    UnicastRemoteObject.unexportObject(exported, true);
    awaitTrue("the port is free", () -> isFree(address));
    assertThrows(ConnectException.class, () -> stub.echo(new byte[1]));
  }

  @Test
  void connectionOutlivesTheListener() throws Exception {
    InetSocketAddress address = freePort();
    Echo stub = export(address.getPort(), data -> data);
    assertEchoes(stub, 100);
    UnicastRemoteObject.unexportObject(exported, true);
    awaitTrue("the port is free", () -> isFree(address));
    assertThrows(NoSuchObjectException.class, () -> stub.echo(new byte[1]));
    assertEquals(1, factory.connected.size());
  }

  private boolean isFree(InetSocketAddress address) throws IOException {
    try (ServerSocket server = newServerSocket()) {
      server.bind(address);
      return true;
    } catch (BindException e) {
      return false;
    }
  }

  @Test
  void callWhoseConnectionIsClosedFailsAndTheNextConnects() throws Exception {
    CountDownLatch calling = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Echo slow =
        data -> {
          calling.countDown();
          go.await();
          return data;
        };
    Echo stub = export(freePort().getPort(), slow);
    Background<byte[]> call = spawn(() -> stub.echo(new byte[1]));
    calling.await();
    factory.connected.get(0).close();
    call.joinFailure(UnmarshalException.class);
    go.countDown();
    assertEchoes(stub, 10);
    assertEquals(2, factory.connected.size());
  }
}
