import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/** HDFS with two data nodes: files by RPC and by the protocol of blocks. */
final class Hdfs {
  private static final int FILES = 20;

  private Hdfs() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Hdfs::server, Hdfs::client);
  }

  private static AutoCloseable server(Side side) throws Exception {
    Configuration configuration = new Configuration();
    configuration.set(
        MiniDFSCluster.HDFS_MINIDFS_BASEDIR, Path.of("hdfs").toAbsolutePath().toString());
    MiniDFSCluster cluster =
        new MiniDFSCluster.Builder(configuration).nameNodePort(side.port()).numDataNodes(2).build();
    cluster.waitActive();
    return () -> cluster.shutdown(true);
  }

  private static String client(Side side) throws Exception {
    Configuration configuration = new Configuration();
    configuration.setInt("dfs.replication", 2);
    try (FileSystem files =
        FileSystem.newInstance(URI.create("hdfs://127.0.0.1:" + side.port()), configuration)) {
      for (int i = 0; i < FILES; i++) {
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path("/file" + i);
        byte[] body = Http.body(i * 200_000);
        try (FSDataOutputStream out = files.create(path)) {
          out.write(body);
        }
        byte[] back = new byte[body.length];
        try (FSDataInputStream in = files.open(path)) {
          in.readFully(back);
        }
        Side.check(Arrays.equals(body, back), "file " + i);
        files.delete(path, false);
      }
    }
    return FILES + " files";
  }
}
