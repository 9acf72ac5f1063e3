using System.Globalization;
using System.Numerics;
using Serve.Eval.Json;

namespace Serve.Eval.Tests.Json;

public unsafe class JsonNumberTests
{
    private const int Many = 1_000_000;

    [Fact]
    public void Doubles_of_any_bits_come_back_as_written()
    {
        var random = new Random(1);
        for (var i = 0; i < Many; i++)
        {
            var value = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
            if (double.IsFinite(value))
                RequireSame(Text(value, random.Next(3) switch { 0 => "R", 1 => "E16", _ => "E17" }));
        }
    }

    [Fact]
    public void Numbers_such_as_files_hold_are_read_to_the_nearest_double()
    {
        var random = new Random(2);
        for (var i = 0; i < Many; i++)
        {
            // Widened float32 numbers, hundredths, scores, plain decimals.
            var value = random.Next(4) switch
            {
                0 => (double)(float)(random.NextDouble() * 640),
                1 => Math.Round(random.NextDouble() * 640, 2),
                2 => (float)Math.Pow(10, -random.NextDouble() * 9),
                _ => random.NextDouble() * Math.Pow(10, random.Next(-30, 30)),
            };
            RequireSame(Text(random.Next(2) == 0 ? value : -value, "R"));
        }
    }

    [Fact]
    public void Any_digits_are_read_to_the_nearest_double()
    {
        var random = new Random(3);
        for (var i = 0; i < Many; i++)
        {
            var text = random.Next(3) == 0 ? "-" : "";
            text += random.Next(3) == 0 ? "0" : Digits(random, random.Next(1, 25)).TrimStart('0').PadLeft(1, '7');
            if (random.Next(4) > 0)
                text += "." + new string('0', random.Next(2) * random.Next(20)) + Digits(random, random.Next(1, 25));
            if (random.Next(3) == 0)
                text += (random.Next(2) == 0 ? "e" : "E") + new[] { "", "+", "-" }[random.Next(3)] + Digits(random, random.Next(1, 4));
            RequireSame(text);
        }
    }

    [Fact]
    public void Numbers_halfway_between_two_doubles_go_to_the_even_one()
    {
        var random = new Random(4);
        for (var i = 0; i < Many / 30; i++)
        {
            // An odd 54-bit integer times a power of two is halfway; its neighbours in the last decimal digit are not.
            var odd = (new BigInteger(random.NextInt64(1L << 53, 1L << 54)) | 1) * BigInteger.Pow(2, random.Next(0, 12));
            RequireSame(odd.ToString(CultureInfo.InvariantCulture));
            RequireSame((odd + 1).ToString(CultureInfo.InvariantCulture));
            RequireSame((odd - 1).ToString(CultureInfo.InvariantCulture));
            // A halfway number with a fraction: odd / 2^k, of which all decimal digits are written.
            var places = random.Next(1, 24);
            var bits = random.NextInt64(1L << 53, 1L << 54) | 1;
            var decimals = (bits * BigInteger.Pow(5, places)).ToString(CultureInfo.InvariantCulture).PadLeft(places + 1, '0');
            RequireSame($"{decimals[..^places]}.{decimals[^places..]}");
            RequireSame($"{decimals}e-{places}");
        }
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-0")]
    [InlineData("-0.0")]
    [InlineData("0.0000000000000000000000000000000000000000001")]
    [InlineData("9007199254740993")]
    [InlineData("9007199254740992.99999999999999999999")]
    [InlineData("9999999999999999999")]
    [InlineData("18446744073709551616")]
    [InlineData("123456789012345678901234.5")]
    [InlineData("2.2250738585072011e-308")]
    [InlineData("2.2250738585072014e-308")]
    [InlineData("4.9406564584124654e-324")]
    [InlineData("1e-400")]
    [InlineData("0e999999999999")]
    [InlineData("1.7976931348623157e308")]
    [InlineData("1.7976931348623158e308")]
    [InlineData("0.1e1")]
    [InlineData("1E+2")]
    [InlineData("6.631236846766476e-316")]
    [InlineData("5708990770823839207320493820740630171355185152e-4")]
    [InlineData("1.00000000000000011102230246251565404236316680908203125")]
    [InlineData("1.00000000000000011102230246251565404236316680908203124")]
    [InlineData("0.000000000000000000000000000000000000000000000000000000000000000000000000001e75")]
    public void Number_is_read_to_the_nearest_double(string text) => RequireSame(text);

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("+1")]
    [InlineData(".5")]
    [InlineData("-.5")]
    [InlineData("1.")]
    [InlineData("1.e5")]
    [InlineData("01")]
    [InlineData("-01.5")]
    [InlineData("00")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("1.5E-")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("-Infinity")]
    [InlineData("1e309")]
    [InlineData("-1.8e308")]
    [InlineData("--1")]
    [InlineData("null")]
    public void No_number_is_none(string text) => Assert.Equal(-1, new Scanned(text + ",").Run(p => JsonNumber.Double(p, out _)));

    [Theory]
    [InlineData("1,5", 1)]
    [InlineData("1.5.5", 3)]
    [InlineData("0x1", 1)]
    [InlineData("12-3", 2)]
    [InlineData("1.25 ", 4)]
    [InlineData("1.25}", 4)]
    public void Number_ends_where_its_grammar_ends(string text, int length) => Assert.Equal(length, new Scanned(text).Run(p => JsonNumber.Double(p, out _)));

    [Fact]
    public void Integers_are_read_as_the_library_reads_them()
    {
        var random = new Random(5);
        for (var i = 0; i < Many; i++)
        {
            var text = (random.Next(3) == 0 ? "-" : "") + Digits(random, random.Next(1, 21));
            long value = 0;
            var length = new Scanned(text + "]").Run(p => JsonNumber.Integer(p, out value));
            var isInteger = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var expected)
                && (text.TrimStart('-') == "0" || text.TrimStart('-')[0] != '0');
            Assert.Equal(isInteger ? (text.Length, expected) : (-1, 0), (length, length < 0 ? 0 : value));
        }
    }

    [Theory]
    [InlineData("9223372036854775807", 9223372036854775807)]
    [InlineData("-9223372036854775808", -9223372036854775808)]
    [InlineData("12345678", 12345678)]
    [InlineData("-0", 0)]
    public void Integer_is_read(string text, long expected)
    {
        long value = 1;

        Assert.Equal(text.Length, new Scanned(text + " ").Run(p => JsonNumber.Integer(p, out value)));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("9223372036854775808")]
    [InlineData("-9223372036854775809")]
    [InlineData("99999999999999999999")]
    [InlineData("7.0")]
    [InlineData("12345678.0")]
    [InlineData("1e2")]
    [InlineData("123456789e2")]
    [InlineData("007")]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("x")]
    public void No_integer_is_none(string text) => Assert.Equal(-1, new Scanned(text + ",").Run(p => JsonNumber.Integer(p, out _)));

    [Fact]
    public void Powers_of_five_are_the_upper_128_bits_rounded_as_said()
    {
        for (var exponent = PowersOfFive.Least; exponent <= PowersOfFive.Greatest; exponent++)
        {
            var power = BigInteger.Pow(5, Math.Abs(exponent));
            var length = (int)power.GetBitLength();
            var expected = exponent >= 0
                ? power << 128 >> length
                : (BigInteger.One << (length + 127)) / power + (exponent >= -27 ? 1 : 0);
            Assert.Equal(expected, ((BigInteger)PowersOfFive.Upper(exponent) << 64) + PowersOfFive.Lower(exponent));
        }
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Digits(Random random, int count)
    {
        var digits = new char[count];
        for (var i = 0; i < count; i++)
            digits[i] = (char)('0' + random.Next(10));
        return new(digits);
    }

    private static void RequireSame(string text)
    {
        var expected = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        double value = 0;
        var length = new Scanned(text + ",").Run(p => JsonNumber.Double(p, out value));
        if (!double.IsFinite(expected))
            Assert.Equal(-1, length);
        else if (length != text.Length || BitConverter.DoubleToInt64Bits(value) != BitConverter.DoubleToInt64Bits(expected))
            Assert.Fail($"{text}: read {value:R} from {length} bytes; expected {expected:R} from {text.Length}");
    }
}
