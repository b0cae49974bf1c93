using System.Diagnostics.CodeAnalysis;
using System.Text;
using McpActors.Core.Configuration.Source;

namespace McpActors.Gateway.Configuration;

/// <summary>The environment and the files of this machine.</summary>
internal sealed class MachineInputs : IConfigurationInputs
{
    private const long LargestFile = 64 << 20;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <inheritdoc/>
    public string? Variable(string name) => Environment.GetEnvironmentVariable(name);

    /// <inheritdoc/>
    public bool TryReadText(string path, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? reason)
    {
        (text, reason) = (null, null);
        try
        {
            if (Directory.Exists(path))
                reason = "is a folder";
            else if (!File.Exists(path))
                reason = "does not exist";
            else if (new FileInfo(path).Length > LargestFile)
                reason = "is larger than 64MiB";
            else
                text = Strict.GetString(File.ReadAllBytes(path)).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            reason = "is no UTF-8 text";
        }
        catch (UnauthorizedAccessException)
        {
            reason = "may not be read by this user";
        }
        catch (IOException e)
        {
            reason = $"cannot be read: {e.Message}";
        }

        return text is not null;
    }
}

/// <summary>Remembers which files were asked for, so that a change of any of them is noticed.</summary>
internal sealed class RecordingInputs(IConfigurationInputs inner) : IConfigurationInputs
{
    private readonly HashSet<string> _files = new(StringComparer.Ordinal);

    /// <summary>Absolute paths, also of files that were not there.</summary>
    public IReadOnlyCollection<string> Files => _files;

    /// <inheritdoc/>
    public string? Variable(string name) => inner.Variable(name);

    /// <inheritdoc/>
    public bool TryReadText(string path, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? reason)
    {
        _files.Add(path);
        return inner.TryReadText(path, out text, out reason);
    }
}
