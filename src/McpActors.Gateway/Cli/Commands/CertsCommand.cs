using System.CommandLine;
using System.Security.Cryptography;

namespace McpActors.Gateway.Cli.Commands;

/// <summary><c>certs</c>: an authority and certificates of nodes, for a start without an authority of one's own.</summary>
internal static class CertsCommand
{
    /// <summary>The command.</summary>
    public static Command Create(TextWriter output, TextWriter error)
    {
        var nodes = new Argument<string[]>("NODE") { Description = "Names of nodes; each gets NODE.pem and NODE.key.", Arity = ArgumentArity.OneOrMore };
        var folder = new Option<string>("--out") { Description = "Folder of the files; an authority that is there is used again.", DefaultValueFactory = _ => "certs" };
        var authority = new Option<string?>("--authority") { Description = "Folder of the authority with its key, where the nodes do not come. Default: that of --out." };
        var hosts = new Option<string[]>("--host") { Description = "A further name or address by which these nodes are reached. May be repeated.", DefaultValueFactory = _ => [] };
        var days = new Option<int>("--days") { Description = "Days that the certificates of nodes count.", DefaultValueFactory = _ => 825 };
        var command = new Command("certs", "Create an authority (ca.pem, ca.key) and certificates of nodes.") { nodes, folder, authority, hosts, days };
        command.SetAction(parse =>
        {
            var names = parse.GetValue(nodes)!;
            if (names.Concat(parse.GetValue(hosts)!).FirstOrDefault(name => name is "ca" || Uri.CheckHostName(name) == UriHostNameType.Unknown) is { } wrong)
            {
                error.WriteLine($"'{wrong}' is no name or address of a node.");
                return CommandLine.Usage;
            }

            if (parse.GetValue(days) is var life && life is < 1 or > 3650)
            {
                error.WriteLine("--days takes 1 to 3650.");
                return CommandLine.Usage;
            }

            var target = parse.GetValue(folder)!;
            return Write((target, parse.GetValue(authority) ?? target, names, parse.GetValue(hosts)!, life), output, error);
        });
        return command;
    }

    private static int Write((string Folder, string Authority, string[] Nodes, string[] Hosts, int Days) wanted, TextWriter output, TextWriter error)
    {
        try
        {
            Directory.CreateDirectory(wanted.Folder);
            Directory.CreateDirectory(wanted.Authority);
            var writer = new CertificateWriter(wanted.Folder, wanted.Authority, TimeProvider.System.GetUtcNow());
            var (authority, isNew) = writer.Authority();
            using (authority)
            {
                foreach (var node in wanted.Nodes)
                    writer.Node(authority, node, wanted.Hosts, TimeSpan.FromDays(wanted.Days));
            }

            output.WriteLine(isNew ? $"New authority: {Path.Combine(wanted.Authority, "ca.pem")}. Keep ca.key away from the nodes: who has it can join the cluster." : "The authority that was there signed them.");
            foreach (var node in wanted.Nodes)
                output.WriteLine($"{node}: cluster: {{ tls: {{ certificate: {Path.Combine(wanted.Folder, node)}.pem, key: {Path.Combine(wanted.Folder, node)}.key, ca: {Path.Combine(wanted.Folder, "ca.pem")} }} }}");
            return CommandLine.Ok;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            error.WriteLine(fault.Message);
            return CommandLine.Failed;
        }
    }
}
