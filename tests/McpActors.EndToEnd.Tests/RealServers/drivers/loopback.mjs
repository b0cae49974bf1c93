// Preloaded into servers that would listen on every interface: a test listens on loopback only.
import net from "node:net";

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
  const loopback = typeof port === "number" || /^\d+$/.test(port);
  return loopback && typeof rest[0] !== "string" ? listen.call(this, port, "127.0.0.1", ...rest) : listen.call(this, port, ...rest);
};
