"""Scripts without spaces are known by their letters and by how long the runs of letters are."""

import pytest

from convlens.text import TextConfig, Tokenizer, build_tokenizer, lacks_spaces
from convlens.text.settings import AUTO

UNSPACED = {
    "Chinese": ["这部电影非常好看，演员的表演也很出色。", "很差"],
    "short Chinese": ["好电影", "很差", "不错"],
    "traditional, with English words": [
        "這部Netflix電影非常好看，我給它五顆星",
        "OK啦，還可以看看，但是劇情太拖",
    ],
    "Japanese": ["この映画はとても面白かったです。", "ひどい作品でした"],
    "half-width kana": ["ﾄﾃﾓｵﾓｼﾛｲｴｲｶﾃﾞｼﾀ"],
    "Thai": ["หนังเรื่องนี้สนุกมากและนักแสดงก็เก่ง", "ไม่สนุกเลย เสียดายเวลาจริงๆครับ"],
    "Lao": ["ຮູບເງົາເລື່ອງນີ້ມ່ວນຫຼາຍ"],
    "Khmer": ["ខ្សែភាពយន្តនេះល្អណាស់"],
    "Myanmar": ["ဒီရုပ်ရှင်ကအရမ်းကောင်းတယ်"],
    "Tibetan": ["གློག་བརྙན་འདི་ཧ་ཅང་ཡག་པོ་འདུག"],
    "Javanese": ["ꦥꦶꦭꦩ꧀ꦲꦶꦏꦶꦲꦥꦶꦏ꧀ꦧꦔꦼꦠ꧀"],
}
SPACED = {
    "English": ["a great film", "awful"],
    "Korean": ["이 영화는 정말 재미있었어요", "별로였다"],
    "Arabic": ["هذا الفيلم رائع جدا"],
    "Hindi": ["यह फिल्म बहुत अच्छी है"],
    "English with some Chinese": ["the film 功夫 is a classic of its kind", "great film"],
    "Chinese words set apart": ["这 部 电影 非常 好看 ， 演员 的 表演 也 很 出色 。", "剧情 太 差 了"],
    "no letters": ["123 !!!", ""],
    "no text": [],
}


@pytest.mark.parametrize("name", UNSPACED)
def test_scripts_without_spaces_are_cut_into_characters_by_default(name):
    texts = UNSPACED[name]
    assert lacks_spaces(texts)
    assert build_tokenizer(texts, TextConfig(min_count=1)).config.splitter == "characters"
    assert build_tokenizer(texts, TextConfig("words", min_count=1)).config.splitter == "words"


@pytest.mark.parametrize("name", SPACED)
def test_all_others_are_cut_into_words(name):
    assert not lacks_spaces(SPACED[name])
    assert build_tokenizer(SPACED[name]).config.splitter == "words"


def test_auto_without_texts_means_words():
    tokenizer = Tokenizer(TextConfig(AUTO), ("great",))
    assert tokenizer.encode("a great film").words == ("a", "great", "film")
    assert Tokenizer.from_json(tokenizer.to_json()) == tokenizer


def test_the_unknown_word_has_a_name_that_no_word_has():
    assert Tokenizer(TextConfig("whitespace"), ("a",)).word(1) == "<unk>"
    tokenizer = Tokenizer(TextConfig("whitespace"), ("<unk>", "<pad>"))
    names = [tokenizer.word(number) for number in range(tokenizer.size)]
    assert len(set(names)) == 4
    assert names[2] == "<unk>"
