using System.Text;
using System.Text.Json;
using Serve.Eval.Json;

namespace Serve.Eval.Tests.Json;

public unsafe class JsonSkipperTests
{
    private static readonly string[] Scalars =
        ["0", "-1.5", "12e-3", "1.0", "345.25", "true", "false", "null", "\"\"", "\"a\"", "\"\\\"\\\\\\u00e9}],{[\"", "\"täxt with } and ]\"", "1E+10", "-0"];

    private static readonly string[] Names = ["", "a", "é", "\\n", "\\\""];

    private static readonly string[] Spaces = ["", "", "", " ", "  ", "\n", "\r\n\t ", "\n          "];

    [Fact]
    public void Values_are_passed_over()
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var text = Value(random, 4);
            Assert.Equal(Encoding.UTF8.GetByteCount(text), Skip(text));
            Assert.True(IsJson(Encoding.UTF8.GetBytes(text)), text);
        }
    }

    [Fact]
    public void Broken_values_are_refused_exactly_where_the_library_refuses_them()
    {
        const string Alphabet = "0123456789-+.eE[]{},: \n\t\r\"\\utrfnabé/\0\u0001";
        var random = new Random(2);
        for (var i = 0; i < 60_000; i++)
        {
            var bytes = new List<byte>(Encoding.UTF8.GetBytes(Value(random, 3)));
            for (var changes = random.Next(1, 3); changes > 0 && bytes.Count > 0; changes--)
            {
                var at = random.Next(bytes.Count);
                var other = (byte)Alphabet[random.Next(Alphabet.Length)];
                switch (random.Next(3))
                {
                    case 0:
                        bytes[at] = other;
                        break;
                    case 1:
                        bytes.Insert(at, other);
                        break;
                    default:
                        bytes.RemoveAt(at);
                        break;
                }
            }
            var value = bytes.ToArray();
            var length = new Scanned([.. value, (byte)' ']).Run(p => JsonSyntax.AfterValue(JsonSyntax.AfterSpace(p)));
            var isWhole = length >= 0 && value.AsSpan(Math.Min(length, value.Length)).TrimStart(" \t\r\n"u8).IsEmpty;
            if (isWhole != IsJson(value))
                Assert.Fail($"{Encoding.UTF8.GetString(value)}: read to {length} of {value.Length}; the library {(isWhole ? "refuses" : "takes")} it");
        }
    }

    [Fact]
    public void Value_that_comes_in_pieces_is_passed_over_as_if_it_were_whole()
    {
        var random = new Random(3);
        for (var i = 0; i < 300; i++)
        {
            var text = Encoding.UTF8.GetBytes(Value(random, 4) + ",");
            var skipper = default(JsonSkipper);
            var at = 0;
            var hasEnded = false;
            for (var end = 1; end <= text.Length; end++)
            {
                var piece = new Scanned(text[at..end]);
                var from = at;
                var next = piece.Run(p =>
                {
                    var after = skipper.Run(p);
                    from = at + (int)(skipper.At - p);
                    return after;
                });
                Assert.True((next >= 0) == (end == text.Length) || text[^2] is (byte)'}' or (byte)']' or (byte)'"' or (byte)'e' or (byte)'l', $"{Encoding.UTF8.GetString(text)} at {end}");
                if (next >= 0)
                {
                    Assert.True(at + next == text.Length - 1, $"{Encoding.UTF8.GetString(text)}: ended at {at + next}");
                    hasEnded = true;
                    break;
                }
                at = from;
            }
            Assert.True(hasEnded, $"{Encoding.UTF8.GetString(text)}: never ended");
        }
    }

    [Fact]
    public void Beginning_leads_to_the_same_state()
    {
        var random = new Random(4);
        for (var i = 0; i < 5_000; i++)
        {
            var text = Encoding.UTF8.GetBytes(Value(random, 4));
            var end = random.Next(text.Length);
            var skipper = default(JsonSkipper);
            var at = 0;
            var next = new Scanned(text[..end]).Run(p =>
            {
                var after = skipper.Run(p);
                at = (int)(skipper.At - p);
                return after;
            });
            if (next < 0)
                Assert.True(IsJson([.. Encoding.UTF8.GetBytes(skipper.Beginning), .. text.AsSpan(at)]), $"{Encoding.UTF8.GetString(text)} at {at}: {skipper.Beginning}");
        }
    }

    [Fact]
    public void Depth_is_limited()
    {
        Assert.Equal(128, Skip(new string('[', 64) + new string(']', 64)));
        Assert.Equal(-1, Skip(new string('[', 1000) + new string(']', 1000)));
        Assert.Equal(-1, Skip(string.Concat(Enumerable.Repeat("{\"a\":", 65)) + "1" + new string('}', 65)));
    }

    internal static string Value(Random random, int depth)
    {
        string Space() => Spaces[random.Next(Spaces.Length)];
        switch (depth == 0 ? 9 : random.Next(10))
        {
            case < 3:
                return $"[{Space()}{string.Join(',', Enumerable.Range(0, random.Next(5)).Select(_ => Space() + Value(random, depth - 1) + Space()))}]";
            case < 5:
                return $"{{{Space()}{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => $"{Space()}\"{Names[random.Next(Names.Length)]}\"{Space()}:{Space()}{Value(random, depth - 1)}{Space()}"))}}}";
            case < 8:
                return NumberArraysTests.Array(random, random.Next(3));
            default:
                return Scalars[random.Next(Scalars.Length)];
        }
    }

    internal static bool IsJson(ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(value);
        try
        {
            while (reader.Read())
            {
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static int Skip(string text) => new Scanned(text + " ").Run(p => JsonSyntax.AfterValue(p));
}
