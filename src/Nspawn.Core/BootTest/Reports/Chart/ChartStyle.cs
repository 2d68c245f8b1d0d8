namespace Nspawn.Core;

/// <summary>How a boot chart looks: on white, and on near black for a reader that asks for it. No script, no font of its own.</summary>
internal static class ChartStyle
{
    public const string Css = """

        text { font: 11px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", Helvetica, Arial, sans-serif; fill: #1f2328; }
        .title { font-size: 16px; font-weight: 600; }
        .fact, .tick { fill: #656d76; }
        .tick, .took { font-size: 10px; }
        .middle { text-anchor: middle; }
        .end { text-anchor: end; }
        .bad { fill: #cf222e; font-weight: 600; }
        .chain { font-weight: 600; }
        .ground { fill: #ffffff; }
        .band { fill: #f3f5f7; }
        .grid { stroke: #d8dee4; stroke-width: 1; }
        .goal { stroke: #1a7f37; stroke-width: 1.5; stroke-dasharray: 5 3; }
        .reached { fill: #1a7f37; font-weight: 600; }
        .starting { fill: #2f6fd0; }
        .active { fill: #2f6fd0; fill-opacity: 0.17; }
        .point { fill: #1a7f37; }
        .stopping { fill: #9aa4ae; }
        .failed { fill: #cf222e; }
        .unfinished { fill: #d98a00; }
        .cpu { fill: #8250df; fill-opacity: 0.3; stroke: #8250df; stroke-width: 1; }
        .memory { fill: #1b8a8a; fill-opacity: 0.25; stroke: #1b8a8a; stroke-width: 1; }
        @media (prefers-color-scheme: dark) {
        text { fill: #e6edf3; } .fact, .tick { fill: #8d96a0; } .bad { fill: #ff7b72; } .ground { fill: #0d1117; } .band { fill: #151b23; }
        .grid { stroke: #2b323b; } .goal { stroke: #3fb950; } .reached { fill: #3fb950; } .starting { fill: #4c8dea; } .point { fill: #3fb950; }
        .active { fill: #4c8dea; fill-opacity: 0.25; } .stopping { fill: #656d76; } .failed { fill: #f85149; } .unfinished { fill: #d29922; }
        }

        """;
}
