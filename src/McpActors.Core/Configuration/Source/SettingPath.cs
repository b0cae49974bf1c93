using System.Globalization;

namespace McpActors.Core.Configuration.Source;

/// <summary>Paths of settings as people read them: <c>servers.files.args[1]</c>, <c>tools["a.b"]</c>.</summary>
public static class SettingPath
{
    /// <summary>A key below <paramref name="path"/>.</summary>
    public static string Child(string path, string key)
    {
        if (key.Length == 0 || key.AsSpan().ContainsAny(". []\""))
            return $"{path}[\"{key}\"]";
        return path.Length == 0 ? key : $"{path}.{key}";
    }

    /// <summary>An item of the list at <paramref name="path"/>.</summary>
    public static string Item(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");
}
