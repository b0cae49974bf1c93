using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace McpActors.Gateway.Cli;

/// <summary>How the command line draws what the management listener answers.</summary>
internal static class Tables
{
    /// <summary>A plain table with the given columns.</summary>
    public static Table Of(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple, ShowRowSeparators = false };
        foreach (var column in columns)
            table.AddColumn(new TableColumn(column).NoWrap());
        return table;
    }

    /// <summary>A value as text for a cell; empty for null.</summary>
    public static string Text(JsonNode? value) => Markup.Escape(value switch
    {
        null => "",
        JsonArray list => string.Join(", ", list.Select(item => item?.ToString())),
        _ => value.ToString(),
    });

    /// <summary>A time in the zone of this machine, to the second.</summary>
    public static string Time(JsonNode? value) => value is null ? "" : ((DateTimeOffset)value).LocalDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A member by host and port, as <c>drain</c> takes it.</summary>
    public static string Node(JsonNode? value) => Text(value) is var text && text.IndexOf('@', StringComparison.Ordinal) is >= 0 and var at ? text[(at + 1)..] : Text(value);

    /// <summary>A state in its colour.</summary>
    public static string State(JsonNode? value)
    {
        var text = Text(value);
        var colour = text switch
        {
            "ready" or "healthy" or "resolved" or "inStep" or "closed" or "up" or "Up" or "ok" or "forcedClosed" or "approved" => "green",
            "idle" or "pending" or "raised" or "fileDiffers" or "behind" or "waiting" or "starting" or "halfOpen" or "degraded" or "Leaving" or "joining" or "Joining" or "WeaklyUp" => "yellow",
            "disabled" or "unknown" => "grey",
            "" => "grey",
            _ => "red",
        };
        return $"[{colour}]{text}[/]";
    }
}
