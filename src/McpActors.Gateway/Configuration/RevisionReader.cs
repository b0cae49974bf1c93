using System.Collections.Frozen;
using McpActors.Core.Discovery;
using McpActors.Gateway.Hosting;

namespace McpActors.Gateway.Configuration;

/// <summary>Reads the cluster's revisions with this node's environment, files and folders. The keys of the node stay those of its own file.</summary>
internal sealed class RevisionReader(NodeStart start) : IRevisionReader
{
    /// <inheritdoc />
    public RevisionReading Read(RevisionContent revision, CatalogueFile own)
    {
        ConfigurationResult result;
        try
        {
            result = start.Loader.LoadRevision(revision, start.Files);
        }
        catch (InvalidDataException fault)
        {
            return new RevisionReading(null, [fault.Message]);
        }

        if (!result.IsValid)
            return new RevisionReading(null, [.. result.Faults.Select(fault => fault.Path.Length == 0 ? fault.Message : $"{fault.Path}: {fault.Message}")]);
        var node = own.Configuration;
        var whole = result.Configuration with
        {
            Node = node.Node,
            Cluster = node.Cluster,
            Persistence = node.Persistence,
            Front = node.Front,
            Management = node.Management,
            Observability = node.Observability,
            Shutdown = node.Shutdown,
            SensitivePaths = result.Configuration.SensitivePaths.Concat(node.SensitivePaths).ToFrozenSet(StringComparer.Ordinal),
        };
        return new RevisionReading(CatalogueFile.From(whole, revision, result.Files, result.Discovered), []);
    }
}
