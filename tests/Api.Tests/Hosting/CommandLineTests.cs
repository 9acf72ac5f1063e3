using System.Globalization;
using Serve.Api.Hosting;
using Serve.Eval;

namespace Serve.Api.Tests.Hosting;

public class CommandLineTests
{
    [Fact]
    public void Parse_maps_switches_to_settings_in_both_spellings()
    {
        var settings = CommandLine.Parse(["api", "--models", "m", "--data=d", "--demo", "--urls", "http://127.0.0.1:0"]);

        Assert.Equal("m", settings["Serve:Models"]);
        Assert.Equal("d", settings["Serve:Data"]);
        Assert.Equal("true", settings["Serve:Demo"]);
        Assert.Equal("http://127.0.0.1:0", settings["urls"]);
    }

    [Fact]
    public void Parse_refuses_an_unknown_switch_and_lists_those_there_are()
    {
        var fault = Assert.Throws<InvalidInputException>(() => CommandLine.Parse(["--modles", "m"]));

        Assert.Equal(
            "Unknown argument \"--modles\". Allowed: --urls, --models, --data, --workspace, --device, --default-model, --demo.", fault.Message);
    }

    [Theory]
    [InlineData("--models")]
    [InlineData("--models", "--data", "d")]
    [InlineData("--models=")]
    public void Parse_refuses_a_switch_without_its_value(params string[] args)
    {
        var fault = Assert.Throws<InvalidInputException>(() => CommandLine.Parse(args));

        Assert.Equal("The switch --models needs a value, as in: --models ./models", fault.Message);
    }

    [Fact]
    public void Usage_lists_every_setting_with_its_default()
    {
        var defaults = new ServeOptions();
        var settings = SettingsOf("SERVE", defaults);

        var listed = CommandLine.Usage.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words is [['S', 'E', 'R', 'V', 'E', '_', '_', ..], _, ..]).Select(words => $"{words[0]} {words[1]}");

        Assert.Equal(settings.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));

        static IEnumerable<string> SettingsOf(string prefix, object options) => options.GetType().GetProperties().Where(property => property.CanWrite).SelectMany(property =>
        {
            var name = $"{prefix}__{property.Name.ToUpperInvariant()}";
            return property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal)
                ? SettingsOf(name, property.GetValue(options)!)
                : [$"{name} {Text(property.GetValue(options))}"];
        });

        static string Text(object? value) => value switch
        {
            null => "none",
            bool flag => flag ? "true" : "false",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("ftp://127.0.0.1:1")]
    [InlineData("http://127.0.0.1:99999")]
    public void CheckUrls_refuses_what_is_not_an_http_address(string url)
    {
        var fault = Assert.Throws<InvalidInputException>(() => CommandLine.CheckUrls(url));

        Assert.Contains($"\"{url}\" is not an address to listen on", fault.Message);
    }
}
