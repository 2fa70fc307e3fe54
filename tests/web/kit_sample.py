"""A small application that draws every macro of the kit on one page, with right and wrong forms."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Blueprint, current_app, flash, render_template, render_template_string, request
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    FormField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Optional

from exam.web.errors import error_page
from exam.web.forms import CheckboxesField

if TYPE_CHECKING:
    from flask import Flask

bp = Blueprint("sample", __name__)

START = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
END = datetime(2026, 11, 30, 3, 30, tzinfo=UTC)


class Address(FlaskForm):
    class Meta:
        csrf = False

    street = StringField("详细地址", [InputRequired("请填写详细地址")])


class SampleForm(FlaskForm):
    step = HiddenField(default="2")
    name = StringField("姓名", [InputRequired("请填写姓名")])
    phone = StringField("手机号码", [Optional()])
    password = PasswordField("密码", [InputRequired("请填写密码")])
    day = DateField("考试日期", [InputRequired("请选择考试日期")])
    at = TimeField("到场时间", [Optional()])
    site = SelectField(
        "考场",
        choices=[
            SelectChoice("", "请选择"),
            SelectChoice("a", "东部考场"),
            SelectChoice("b", "海岛考场"),
        ],
        validators=[InputRequired("请选择考场")],
    )
    kind = RadioField(
        "准驾车型",
        choices=[SelectChoice("C1", "小型汽车"), SelectChoice("C2", "小型自动挡汽车")],
        validators=[InputRequired("请选择准驾车型")],
    )
    needs = CheckboxesField(
        "需要的帮助",
        choices=[SelectChoice("stepfree", "无障碍通道"), SelectChoice("text", "文字提示屏")],
    )
    note = TextAreaField("说明", [Optional()])
    photo = FileField("照片", [Optional()])
    agree = BooleanField("我确认以上信息属实", [InputRequired("请确认信息属实")])
    address = FormField(Address, "地址")


PAGE = """
{% extends "layout/base.html" %}
{% block head %}{% from "components/states.html" import look_again %}{{ look_again(900) }}{% endblock %}
{% from "components/forms.html" import page_form, text_field, password_field, textarea_field, select_field, date_field,
   time_field, file_field, radios_field, checkboxes_field, checkbox_field, post_button, link_button %}
{% from "components/tables.html" import data_table, pagination, empty_state %}
{% from "components/states.html" import tag, masked_number, stat_tiles, progress %}
{% from "components/notices.html" import banner %}
{% from "components/pages.html" import back_link, summary_list, confirmation_panel, details, task_list,
   tabs, session_card, print_button %}
{% block title %}样例{% endblock %}
{% block back %}{{ back_link('/sample') }}{% endblock %}
{% block content %}
{{ confirmation_panel('预约申请已提交', 'KC-2026-000123', '截止后我们会通知您结果。') }}
{% for tone in ['info', 'good', 'warn', 'bad'] %}{{ banner('请在开考前三十分钟到场。', tone, '提示') }}{% endfor %}
{{ stat_tiles([{'label': '已申请', 'value': 1234|number, 'note': '截至今天'}, {'label': '考位', 'value': 800|number}]) }}
{{ tabs('场次', [{'url': '/sample', 'label': '开放', 'current': true, 'count': 3}, {'url': '/sample?x', 'label': '已结束'}]) }}
{% set columns = [{'key': 'name', 'label': '姓名'}, {'key': 'state', 'label': '状态'},
  {'key': 'rank', 'label': '排名', 'kind': 'number'}, {'key': 'act', 'label': '操作', 'kind': 'act'}] %}
{{ data_table('今天的考生', columns, [
  {'name': '王小明', 'state': tag('已签到', 'good'), 'rank': 12|number, 'act': post_button('呼叫', '/sample', {'id': 1}, about='王小明')},
  {'name': '李梅', 'state': tag('候考', 'warn'), 'rank': 1300|number, 'act': post_button('呼叫', '/sample', {'id': 2}, about='李梅')},
], '今天没有考生。') }}
{{ data_table('昨天的考生', columns, [], '昨天没有考生。', {'url': '/sample', 'label': '查看明天'}) }}
{{ empty_state('没有待办。', '请明天再看。') }}
{{ pagination(2, 5, sample_page) }}
<p>{% for tone in ['quiet', 'info', 'good', 'warn', 'bad'] %}{{ tag('状态', tone) }} {% endfor %} {{ masked_number('330203199001011234') }}
  <a href="/sample">链接</a> <span class="text-danger">危险</span> <span class="text-success">成功</span> <span class="text-secondary">次要</span></p>
{{ summary_list([{'label': '姓名', 'value': '王小明', 'change_url': '/sample'}, {'label': '车型', 'value': 'C1'}]) }}
{{ task_list([{'label': '确认信息', 'url': '/sample', 'state': '已完成', 'tone': 'good'}, {'label': '预约', 'state': '尚不能开始', 'hint': '受理之后'}]) }}
{% call session_card('科目二 小型汽车', '东部考场', start, end, facts=[{'label': '考位', 'value': 40}, {'label': '已申请', 'value': 52}]) %}{{ tag('可申请', 'info') }}{% endcall %}
{{ progress('正在排考', '/sample/progress', 3, 10) }}
{% call details('为什么需要这些信息') %}<p>用于核对身份。</p>{% endcall %}
<div class="buttons">{{ link_button('下载', '/sample', 'download') }}{{ print_button() }}{{ post_button('撤回', '/sample', style='warn') }}</div>
<h2>填写信息</h2>
{% call page_form(form, '提交', upload=true, cancel_url='/sample') %}
{{ text_field(form.name, hint='与身份证一致', autocomplete='name') }}
{{ text_field(form.phone, width='short', inputmode='numeric') }}
{{ password_field(form.password) }}
{{ date_field(form.day, hint='例如 2026-11-30') }}
{{ time_field(form.at) }}
{{ select_field(form.site) }}
{{ radios_field(form.kind, hint='只能选一种', hints={'C2': '只能驾驶自动挡'}) }}
{{ checkboxes_field(form.needs) }}
{{ textarea_field(form.note, hint='不超过 200 字', rows=3) }}
{{ file_field(form.photo, accept='.jpg,.png') }}
{{ text_field(form.address.form.street) }}
{{ checkbox_field(form.agree) }}
{% endcall %}
{% endblock %}
"""

NAVIGATION = [
    {"url": "/sample", "label": "首页", "icon": "home", "current": True},
    {"url": "/sample?exams", "label": "我的考试", "icon": "calendar", "current": False},
]


@bp.route("/sample", methods=["GET", "POST"])
def page() -> tuple[str, int]:
    form = SampleForm()
    if request.method == "POST":
        form.validate()
    elif "flash" in request.args:
        flash("已保存。", "good")
    text = render_template_string(
        PAGE,
        form=form,
        start=START,
        end=END,
        navigation=NAVIGATION,
        demo_clock=START,
        sample_page=lambda n: f"/sample?page={n}",
        role_options=[
            {"name": "a", "label": "考试员", "current": True},
            {"name": "b", "label": "巡考员", "current": False},
        ],
        role_switch_url="/sample",
    )
    return text, 422 if form.errors else 200


@bp.get("/sample/progress")
def done() -> str:
    return "<p>排考完成。</p>"


@bp.get("/errors/<int:code>")
def error(code: int) -> str:
    return error_page(
        code,
        reference=request.args.get("reference"),
        message=request.args.get("message"),
        retry_after=request.args.get("retry_after", type=int),
    )


class SignIn(FlaskForm):
    name = StringField("用户名", [InputRequired("请填写用户名")])
    password = PasswordField("密码", [InputRequired("请填写密码")])
    remember = BooleanField("记住我")


@bp.get("/sign-in")
def sign_in() -> str:
    accounts = [{"role": "考试员", "name": "examiner1", "password": "demo", "look_at": "候考队列"}]
    return render_template("layout/sign_in.html", form=SignIn(), demo_accounts=accounts)


BOARD = """
{% extends "layout/board.html" %}
{% from "components/states.html" import tag %}
{% block title %}考场大屏{% endblock %}
{% block head %}<script src="{{ asset_url('wall.js') }}" defer></script>{% endblock %}
{% block content %}
<h1>三号考室</h1>
<div data-wall>
  <p data-connection><span data-when="on" hidden>{{ tag('已连接', 'good') }}</span><span data-when="off">{{ tag('正在连接', 'warn') }}</span></p>
  <ul class="tiles">{% for n in range(1, 5) %}{{ tile(n) }}{% endfor %}</ul>
  <h2>待核查</h2>
  {{ items() }}
</div>
{% endblock %}
"""


@bp.get("/board")
def board() -> str:
    return render_template_string(
        BOARD, tile=lambda n: Markup(tile(n)), items=lambda: Markup(items())
    )


@bp.get("/tile/<int:number>")
def tile(number: int) -> str:
    seen = current_app.extensions.setdefault("seen", {})
    seen[number] = seen.get(number, 0) + 1
    return (
        f'<li class="tile tone-good" data-tile="{number}" data-url="/tile/{number}">'
        f"座位 {number}：<span data-seen>{seen[number]}</span></li>"
    )


@bp.get("/items")
def items() -> str:
    asked = current_app.extensions["asked"] = current_app.extensions.get("asked", 0) + 1
    return f'<p data-items data-url="/items">第 <span data-asked>{asked}</span> 次</p>'


def register(app: Flask) -> None:
    app.register_blueprint(bp)
