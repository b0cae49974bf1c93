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

    /// <summary>A state in its colour.</summary>
    public static string State(JsonNode? value)
    {
        var text = Text(value);
        var colour = text switch
        {
            "ready" or "closed" or "up" or "Up" or "ok" or "forcedClosed" => "green",
            "idle" or "starting" or "halfOpen" or "joining" or "Joining" or "WeaklyUp" => "yellow",
            "disabled" => "grey",
            "" => "grey",
            _ => "red",
        };
        return $"[{colour}]{text}[/]";
    }
}
